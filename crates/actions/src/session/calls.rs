//! What the node does for a worker, call by call.

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Session;
use super::lengths::{self, check_length};
use crate::egress::FetchError;
use crate::error::{Limit, RunErrorKind};
use crate::host::HostError;
use crate::protocol::{
    CHAIN_ANSWER_BYTES_MAX, Call, CallError, ChainQuery, FetchRequest, Reply, ToRunner,
};

/// Why a call failed.
#[derive(Debug, Clone)]
pub(super) enum CallFailure {
    Host(HostError),
    Limit(Limit, u64),
    /// A child failed by more than its own script.
    Child(RunErrorKind),
    /// A mistake of the script, or a server that does not answer: the script's own matter.
    Script,
}

/// What the script sees of a failure, and what the node keeps of it.
pub(super) type Refusal = (CallError, CallFailure);

/// A call that was admitted.
pub(super) struct Work<'a> {
    worked: BoxFuture<'a, Worked>,
    /// Where it needs a place from before it begins until the worker has taken its reply: what a
    /// worker does not read, the node does not keep in number.
    places: Option<&'a Semaphore>,
    /// What the node holds of it until then.
    pub(super) bytes: usize,
}

/// A call that has its place.
pub(super) struct Placed<'a> {
    id: u32,
    worked: BoxFuture<'a, Worked>,
    pub(super) bytes: usize,
    _place: Option<SemaphorePermit<'a>>,
}

/// What was done for a call.
struct Worked {
    result: Result<Reply, Refusal>,
    /// What a child logged.
    logs: String,
}

/// A call whose reply was sent.
pub(super) struct Answered {
    pub(super) id: u32,
    pub(super) failure: Option<CallFailure>,
    pub(super) logs: String,
}

impl Session<'_> {
    /// Counts a call, and returns the work to do for it, or the refusal. More calls than any script
    /// needs end the run.
    pub(super) fn admit(&self, call: Call) -> Result<Work<'_>, RunErrorKind> {
        self.family
            .budget
            .take(Limit::Calls)
            .map_err(|(limit, max)| RunErrorKind::Limit { limit, max })?;
        let counted = match &call {
            Call::Sign(_) | Call::SignAndCombine(_) => Some(Limit::Signatures),
            Call::Fetch(_) => Some(Limit::Fetches),
            Call::Action(_) => Some(Limit::Children),
            Call::Chain(ChainQuery::RpcUrl { .. }) => None,
            Call::Chain(_) => Some(Limit::ChainQueries),
            Call::Collect { .. } | Call::TakeTurn { .. } => Some(Limit::Exchanges),
            // Each turn has one end.
            Call::EndTurn { .. } => None,
        };
        let spent = counted.and_then(|limit| self.family.budget.take(limit).err());
        let refusal =
            spent.map(|(limit, max)| self::spent(limit, max)).or_else(|| self.check(&call).err());
        if let Some(refusal) = refusal {
            let refused = Worked { result: Err(refusal), logs: String::new() };
            return Ok(Work {
                worked: futures_util::future::ready(refused).boxed(),
                places: None,
                bytes: 0,
            });
        }
        let (places, bytes) = match &call {
            Call::Fetch(request) => (Some(&self.family.fetching), request.bytes()),
            Call::Chain(ChainQuery::CallContract { transaction, .. }) => {
                (Some(&self.family.asking), transaction.len())
            }
            Call::Chain(_) => (Some(&self.family.asking), 0),
            _ => (None, 0),
        };
        let worked = async {
            let mut logs = String::new();
            Worked { result: self.perform(call, &mut logs).await, logs }
        };
        Ok(Work { worked: worked.boxed(), places, bytes })
    }

    fn check(&self, call: &Call) -> Result<(), Refusal> {
        if let Call::Fetch(request) = call {
            return self.family.request.egress.check(request).map_err(fetch_failed);
        }
        lengths::check(call)
    }

    /// Waits for the place that a call needs.
    pub(super) async fn place<'a>(&self, id: u32, work: Work<'a>) -> Placed<'a> {
        let Work { worked, places, bytes } = work;
        let place = match places {
            // A closed semaphore does not occur.
            Some(places) => places.acquire().await.ok(),
            None => None,
        };
        Placed { id, worked, bytes, _place: place }
    }

    pub(super) async fn answer(&self, placed: Placed<'_>) -> Answered {
        let Placed { id, worked, _place, .. } = placed;
        let Worked { result, logs } = worked.await;
        let (result, failure) = match result {
            Ok(reply) => (Ok(reply), None),
            Err((error, failure)) => (Err(error), Some(failure)),
        };
        // A worker that has ended by now has said so, or reading from it will tell.
        let _ = self.send(ToRunner::Reply { id, result }).await;
        Answered { id, failure, logs }
    }

    async fn perform(&self, call: Call, logs: &mut String) -> Result<Reply, Refusal> {
        let (cid, host) = (self.cid(), self.family.request.host);
        match call {
            Call::Sign(request) => {
                host.sign(cid, request).await.map(|()| Reply::Signed).map_err(refused)
            }
            Call::SignAndCombine(request) => {
                host.sign_and_combine(cid, request).await.map(Reply::Text).map_err(refused)
            }
            Call::Fetch(request) => self.fetch(request).await,
            Call::Action(request) => self.run_child(request, logs).await.map(Reply::Text),
            Call::Chain(query) => self.ask_chain(query).await,
            Call::Collect { name, value } => {
                host.collect(cid, name, value).await.map(Reply::Collected).map_err(refused)
            }
            Call::TakeTurn { name, wait } => {
                host.take_turn(cid, name, wait).await.map(Reply::Turn).map_err(refused)
            }
            Call::EndTurn { name, result } => {
                host.end_turn(cid, name, result).await.map(|()| Reply::Done).map_err(refused)
            }
        }
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Reply, Refusal> {
        self.family.request.egress.fetch(request).await.map(Reply::Fetched).map_err(fetch_failed)
    }

    async fn ask_chain(&self, query: ChainQuery) -> Result<Reply, Refusal> {
        let answer = self.family.request.host.ask_chain(query).await.map_err(refused)?;
        check_length("an answer of a chain", answer.len(), CHAIN_ANSWER_BYTES_MAX)?;
        Ok(Reply::Text(answer))
    }
}

fn fetch_failed(error: FetchError) -> Refusal {
    (
        CallError { code: "FetchFailed".into(), message: error.to_string(), retryable: true },
        CallFailure::Script,
    )
}

pub(super) fn spent(limit: Limit, max: u64) -> Refusal {
    let error =
        CallError { code: "LimitExceeded".into(), message: limit.message(max), retryable: false };
    (error, CallFailure::Limit(limit, max))
}

pub(super) fn mistake(message: String) -> Refusal {
    (CallError { code: "InvalidArgument".into(), message, retryable: false }, CallFailure::Script)
}

pub(super) fn refused(error: HostError) -> Refusal {
    let HostError { code, message, retryable } = error.clone();
    (CallError { code, message, retryable }, CallFailure::Host(error))
}
