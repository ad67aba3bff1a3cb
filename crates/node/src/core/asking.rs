//! Questions of requests to the members, and whoever waits for the answers.

use super::Core;
use conclave_agreement::exchange::{self, ExchangeId, FAILED_TURN};
use conclave_agreement::signing::{self, CallId, Outcome, call_id};
use conclave_agreement::{Input, MemberStatus, Ticket};
use conclave_threshold::ids::EpochDigest;
use std::collections::HashMap;
use std::time::Instant;
use tokio::sync::oneshot;

/// What a request asks the member of an epoch, by the epoch's digest.
pub enum Command {
    /// Take up a call; the answer comes when it has ended.
    Begin { epoch: EpochDigest, wish: Box<signing::Wish>, reply: oneshot::Sender<Ended> },
    /// Take up an exchange; the answer comes when it has ended.
    Exchange {
        epoch: EpochDigest,
        wish: Box<exchange::Wish>,
        reply: oneshot::Sender<exchange::Outcome>,
    },
    /// Tell the others what this node's turn brought; the answer is whether it had one.
    EndTurn {
        epoch: EpochDigest,
        exchange: ExchangeId,
        result: String,
        reply: oneshot::Sender<bool>,
    },
    /// How the member is.
    Status { epoch: EpochDigest, reply: oneshot::Sender<MemberStatus> },
}

impl Command {
    fn epoch(&self) -> &EpochDigest {
        match self {
            Command::Begin { epoch, .. }
            | Command::Exchange { epoch, .. }
            | Command::EndTurn { epoch, .. }
            | Command::Status { epoch, .. } => epoch,
        }
    }
}

/// How a call ended, and until when this may be said. A node that was stopped between making its
/// share and answering with it must not answer with it later: the others may have signed without
/// it.
#[derive(Clone, Debug)]
pub struct Ended {
    pub outcome: Outcome,
    pub say_before: Instant,
}

/// Whoever waits for an answer. Each waits no longer than its request's deadline.
#[derive(Default)]
pub(super) struct Askers {
    calls: HashMap<(EpochDigest, CallId), Vec<oneshot::Sender<Ended>>>,
    exchanges: HashMap<Ticket, oneshot::Sender<exchange::Outcome>>,
    turns: HashMap<Ticket, oneshot::Sender<bool>>,
    tickets: u64,
}

impl Askers {
    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub fn called(&mut self, epoch: EpochDigest, call: CallId, ended: Ended) {
        for reply in self.calls.remove(&(epoch, call)).unwrap_or_default() {
            let _ = reply.send(ended.clone());
        }
    }

    pub fn turn_ended(&mut self, ticket: Ticket, had_one: bool) {
        if let Some(reply) = self.turns.remove(&ticket) {
            let _ = reply.send(had_one);
        }
    }

    /// Drops those that nobody waits for any more.
    pub fn forget_gone(&mut self) {
        self.calls.retain(|_, waiting| {
            waiting.retain(|reply| !reply.is_closed());
            !waiting.is_empty()
        });
    }
}

impl Core {
    /// A question to an epoch that has ended is dropped with its way back, so that the asker hears
    /// at once that nobody answers.
    pub(super) fn on_command(&mut self, command: Command) {
        if self.router.member(command.epoch()).is_none() {
            return;
        }
        match command {
            Command::Begin { epoch, wish, reply } => {
                let id = call_id(&wish.request_key, &wish.name_hash);
                self.askers.calls.entry((epoch, id)).or_default().push(reply);
                self.tell(&epoch, Input::Sign(wish));
            }
            Command::Exchange { epoch, wish, reply } => {
                let ticket = self.askers.ticket();
                self.askers.exchanges.insert(ticket, reply);
                self.tell(&epoch, Input::Exchange { ticket, wish });
            }
            Command::EndTurn { epoch, exchange, result, reply } => {
                let ticket = self.askers.ticket();
                self.askers.turns.insert(ticket, reply);
                self.tell(&epoch, Input::EndTurn { ticket, exchange, result });
            }
            Command::Status { epoch, reply } => {
                if let Some(member) = self.router.member(&epoch) {
                    let _ = reply.send(member.status());
                }
            }
        }
    }

    pub(super) fn on_exchanged(
        &mut self,
        epoch: EpochDigest,
        ticket: Ticket,
        exchange: ExchangeId,
        outcome: exchange::Outcome,
    ) {
        let Some(reply) = self.askers.exchanges.remove(&ticket) else { return };
        if let Err(exchange::Outcome::Mine) = reply.send(outcome) {
            // The action ended before its turn came.
            let (ticket, result) = (self.askers.ticket(), FAILED_TURN.to_owned());
            self.tell(&epoch, Input::EndTurn { ticket, exchange, result });
        }
    }
}
