//! Exchanges as the node's tasks ask for them: one question to the core, and its end in a client's
//! terms.

use super::Api;
use super::failure::Failure;
use crate::core::Command;
use conclave_actions::Turn;
use conclave_agreement::exchange::{ExchangeId, FAILED_TURN, Outcome, Wish};
use conclave_threshold::online::Signature;
use conclave_wire::ErrorCode;
use std::time::Duration;
use tokio::sync::oneshot;

/// What the core may need beyond an exchange's own time.
const SLACK: Duration = Duration::from_secs(1);

impl Api {
    /// The values that count.
    pub(super) async fn collect(&self, wish: Wish) -> Result<Vec<String>, Failure> {
        match self.exchange(wish).await? {
            Outcome::Collected(values) => Ok(values),
            outcome => Err(of_exchange(&outcome)),
        }
    }

    /// This node's turn, or what came of another's.
    pub(super) async fn take_turn(&self, wish: Wish) -> Result<Turn, Failure> {
        match self.exchange(wish).await? {
            Outcome::Mine => Ok(Turn::Mine),
            Outcome::Others(result) => Ok(Turn::Others(result)),
            outcome => Err(of_exchange(&outcome)),
        }
    }

    /// Tells the others what this node's turn brought.
    pub(super) async fn end_turn(
        &self,
        exchange: ExchangeId,
        result: String,
    ) -> Result<(), Failure> {
        let epoch = self.seat.epoch.digest();
        let (reply, ended) = oneshot::channel();
        self.core
            .try_send(Command::EndTurn { epoch, exchange, result, reply })
            .map_err(|_| Failure::overloaded())?;
        match ended.await {
            Ok(true) => Ok(()),
            // So many exchanges ended since that this one is forgotten.
            Ok(false) | Err(_) => Err(of_exchange(&Outcome::TimedOut)),
        }
    }

    /// Tells the others that nothing comes of this node's turn.
    pub(super) fn give_turn_up(&self, exchange: ExchangeId) {
        let epoch = self.seat.epoch.digest();
        let (reply, _) = oneshot::channel();
        // A core that takes no command is one that others do not hear either.
        let _ = self.core.try_send(Command::EndTurn {
            epoch,
            exchange,
            result: FAILED_TURN.to_owned(),
            reply,
        });
    }

    /// The signature that the nodes' shares make.
    pub(super) async fn combine(&self, wish: Wish) -> Result<Signature, Failure> {
        match self.exchange(wish).await? {
            Outcome::Combined(signature) => Ok(signature),
            outcome => Err(of_exchange(&outcome)),
        }
    }

    async fn exchange(&self, wish: Wish) -> Result<Outcome, Failure> {
        let patience = wish.patience + SLACK;
        let epoch = self.seat.epoch.digest();
        let (reply, ended) = oneshot::channel();
        self.core
            .try_send(Command::Exchange { epoch, wish: Box::new(wish), reply })
            .map_err(|_| Failure::overloaded())?;
        // The core ends every exchange by its deadline; the timeout is for a core that does not.
        match tokio::time::timeout(patience, ended).await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_)) | Err(_) => Ok(Outcome::TimedOut),
        }
    }
}

/// The failure that an outcome without a result stands for. In the same words on all nodes.
fn of_exchange(outcome: &Outcome) -> Failure {
    match outcome {
        Outcome::NoSignature => Failure::new(
            ErrorCode::ConclaveRetry,
            "not all shares of the signature arrived: send the request again",
        ),
        Outcome::Repeated => {
            Failure::new(ErrorCode::ConclaveRetry, "the same request runs on this node already")
        }
        Outcome::Full => Failure::overloaded(),
        _ => Failure::new(
            ErrorCode::RequestTimeout,
            "not enough nodes came to the same point of the action in time",
        ),
    }
}
