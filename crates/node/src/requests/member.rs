//! This node as a member of one epoch, as requests reach it.

use super::failure::Failure;
use crate::core::{Command, CoreStatus, Ended};
use crate::exchange::{self, ExchangeId};
use crate::keybook::KeyBook;
use crate::signing::{Millis, Outcome, Wish};
use conclave_chain::Membership;
use conclave_keystore::KeystoreError;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_wire::ErrorCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// How long the core may take beyond the deadline of what it was asked. It ends everything in time;
/// this is for a core that does not.
const CORE_GRACE: Duration = Duration::from_secs(1);
/// How long the core may take to say what it knows already.
const CORE_ANSWER: Duration = Duration::from_secs(5);

/// Everything that a request needs of the epoch it begins in, and keeps until it ends.
pub struct EpochMember {
    pub epoch: Arc<Epoch>,
    pub me: PartyId,
    pub membership: Membership,
    pub shares: Arc<dyn WalletShares>,
    pub core: CoreLink,
}

/// The member of the current epoch. A request reads it once, when it begins.
pub type CurrentMember = watch::Receiver<Arc<EpochMember>>;

/// The shares of wallet keys that a member holds.
pub trait WalletShares: Send + Sync {
    /// The share of a token's key; `None` when this node has none. It may read a disk.
    fn share(&self, token: &[u8; 32]) -> Result<Option<Arc<KeyShare<Secp256k1>>>, KeystoreError>;
}

impl WalletShares for KeyBook {
    fn share(&self, token: &[u8; 32]) -> Result<Option<Arc<KeyShare<Secp256k1>>>, KeystoreError> {
        self.wallet(token)
    }
}

/// The way to the task that owns the member's state: the only place that knows its commands.
#[derive(Clone)]
pub struct CoreLink {
    commands: mpsc::Sender<Command>,
}

impl CoreLink {
    pub fn new(commands: mpsc::Sender<Command>) -> Self {
        CoreLink { commands }
    }

    /// Takes up a call; how it ended at this node.
    pub async fn call(&self, wish: Wish) -> Result<Outcome, Failure> {
        let patience = Duration::from_millis(wish.deadline) + CORE_GRACE;
        let command = |reply| Command::Begin { wish: Box::new(wish), reply };
        let ended = self.ask(command, patience).await?;
        Ok(match ended {
            // Later the others may have signed without this node.
            Some(Ended { outcome: Outcome::Share(_), say_before })
                if Instant::now() > say_before =>
            {
                Outcome::Retry
            }
            Some(Ended { outcome, .. }) => outcome,
            None => Outcome::TimedOut,
        })
    }

    /// Takes up an exchange; how it ended at this node.
    pub async fn exchange(&self, wish: exchange::Wish) -> Result<exchange::Outcome, Failure> {
        let patience = Duration::from_millis(wish.deadline) + CORE_GRACE;
        let command = |reply| Command::Exchange { wish: Box::new(wish), reply };
        let ended = self.ask(command, patience).await?;
        Ok(ended.unwrap_or(exchange::Outcome::TimedOut))
    }

    /// Tells the others what this node's turn brought; whether it had one.
    pub async fn end_turn(&self, exchange: ExchangeId, result: String) -> Result<bool, Failure> {
        let command = |reply| Command::EndTurn { exchange, result, reply };
        Ok(self.ask(command, CORE_ANSWER).await?.unwrap_or(false))
    }

    /// Tells the others that nothing comes of this node's turn.
    pub fn give_turn_up(&self, exchange: ExchangeId) {
        let (reply, _) = oneshot::channel();
        let result = exchange::FAILED_TURN.to_owned();
        // A core that takes no command is one that others do not hear either.
        let _ = self.commands.try_send(Command::EndTurn { exchange, result, reply });
    }

    /// How the member is.
    pub async fn status(&self) -> Result<CoreStatus, Failure> {
        let status = self.ask(|reply| Command::Status { reply }, CORE_ANSWER).await?;
        status.ok_or_else(|| Failure::new(ErrorCode::ConclaveNotReady, "the node is stopping"))
    }

    /// `None` when the core ended, or did not answer in time.
    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
        patience: Duration,
    ) -> Result<Option<T>, Failure> {
        let (reply, answer) = oneshot::channel();
        self.commands.try_send(command(reply)).map_err(|_| Failure::overloaded())?;
        let answer = tokio::time::timeout(patience, answer).await;
        Ok(answer.ok().and_then(Result::ok))
    }
}

/// What is left until a deadline: the core counts from the moment in which it is asked.
pub fn time_left(deadline: Instant) -> Millis {
    let left = deadline.saturating_duration_since(Instant::now());
    Millis::try_from(left.as_millis()).unwrap_or(Millis::MAX)
}
