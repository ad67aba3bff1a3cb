//! Exchanges among the nodes of one request: one question to the core, and its end in a client's
//! terms.

use super::failure::Failure;
use super::member::{EpochMember, time_left};
use conclave_actions::Turn;
use conclave_agreement::exchange::{ExchangeId, Outcome, Want, Wish};
use conclave_threshold::ids::RequestKey;
use conclave_threshold::online::Signature;
use conclave_wire::ErrorCode;
use std::sync::Arc;
use std::time::Instant;

/// Does for one request what its nodes do together.
pub struct Exchanger {
    pub member: Arc<EpochMember>,
    pub request_key: RequestKey,
}

impl Exchanger {
    /// The values that count.
    pub async fn collect(
        &self,
        exchange: ExchangeId,
        value: String,
        deadline: Instant,
    ) -> Result<Vec<String>, Failure> {
        match self.exchange(exchange, Want::Collect { value }, deadline).await? {
            Outcome::Collected(values) => Ok(values),
            outcome => Err(of_exchange(&outcome)),
        }
    }

    /// This node's turn, or what came of another's.
    pub async fn take_turn(
        &self,
        exchange: ExchangeId,
        wait: bool,
        deadline: Instant,
    ) -> Result<Turn, Failure> {
        match self.exchange(exchange, Want::Turn { wait }, deadline).await? {
            Outcome::Mine => Ok(Turn::Mine),
            Outcome::Others(result) => Ok(Turn::Others(result)),
            outcome => Err(of_exchange(&outcome)),
        }
    }

    /// Tells the others what this node's turn brought.
    pub async fn end_turn(&self, exchange: ExchangeId, result: String) -> Result<(), Failure> {
        if self.member.core.end_turn(exchange, result).await? {
            return Ok(());
        }
        // So many exchanges ended since that this one is forgotten.
        Err(of_exchange(&Outcome::TimedOut))
    }

    /// Tells the others that nothing comes of this node's turn.
    pub fn give_turn_up(&self, exchange: ExchangeId) {
        self.member.core.give_turn_up(exchange);
    }

    /// The signature that the nodes' shares make. `want` is [`Want::Combine`].
    pub async fn combine(
        &self,
        exchange: ExchangeId,
        want: Want,
        deadline: Instant,
    ) -> Result<Signature, Failure> {
        match self.exchange(exchange, want, deadline).await? {
            Outcome::Combined(signature) => Ok(signature),
            outcome => Err(of_exchange(&outcome)),
        }
    }

    async fn exchange(
        &self,
        exchange: ExchangeId,
        want: Want,
        deadline: Instant,
    ) -> Result<Outcome, Failure> {
        let request_key = self.request_key;
        let wish = Wish { exchange, request_key, want, patience: time_left(deadline) };
        self.member.core.exchange(wish).await
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
