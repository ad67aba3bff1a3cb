//! This node as a member of one epoch, as requests reach it.

use super::failure::Failure;
use crate::core::{Command, Ended};
use crate::keys::KeyBook;
use crate::seat::Seat;
use conclave_agreement::MemberStatus;
use conclave_agreement::exchange::{self, ExchangeId};
use conclave_agreement::signing::{Outcome, Wish};
use conclave_chain::Membership;
use conclave_keystore::KeystoreError;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::EpochDigest;
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

impl EpochMember {
    /// The seat's member, asked through `commands`.
    pub fn of(seat: &Seat, commands: mpsc::Sender<Command>) -> Self {
        EpochMember {
            epoch: seat.epoch.clone(),
            me: seat.me,
            membership: seat.membership.clone(),
            shares: seat.keybook.clone(),
            core: CoreLink::new(seat.epoch.digest(), commands),
        }
    }
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
    epoch: EpochDigest,
    commands: mpsc::Sender<Command>,
}

impl CoreLink {
    /// To the member of the epoch with this digest.
    pub fn new(epoch: EpochDigest, commands: mpsc::Sender<Command>) -> Self {
        CoreLink { epoch, commands }
    }

    /// Takes up a call; how it ended at this node.
    pub async fn call(&self, wish: Wish) -> Result<Outcome, Failure> {
        let patience = wish.patience + CORE_GRACE;
        let epoch = self.epoch;
        let command = |reply| Command::Begin { epoch, wish: Box::new(wish), reply };
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
        let patience = wish.patience + CORE_GRACE;
        let epoch = self.epoch;
        let command = |reply| Command::Exchange { epoch, wish: Box::new(wish), reply };
        let ended = self.ask(command, patience).await?;
        Ok(ended.unwrap_or(exchange::Outcome::TimedOut))
    }

    /// Tells the others what this node's turn brought; whether it had one.
    pub async fn end_turn(&self, exchange: ExchangeId, result: String) -> Result<bool, Failure> {
        let epoch = self.epoch;
        let command = |reply| Command::EndTurn { epoch, exchange, result, reply };
        Ok(self.ask(command, CORE_ANSWER).await?.unwrap_or(false))
    }

    /// Tells the others that nothing comes of this node's turn.
    pub fn give_turn_up(&self, exchange: ExchangeId) {
        let epoch = self.epoch;
        let (reply, _) = oneshot::channel();
        let result = exchange::FAILED_TURN.to_owned();
        // A core that takes no command is one that others do not hear either.
        let _ = self.commands.try_send(Command::EndTurn { epoch, exchange, result, reply });
    }

    /// How the member is.
    pub async fn status(&self) -> Result<MemberStatus, Failure> {
        let epoch = self.epoch;
        let status = self.ask(|reply| Command::Status { epoch, reply }, CORE_ANSWER).await?;
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

/// What is left until a deadline: the member counts from the moment in which it is asked.
pub fn time_left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
