//! What the node does for a worker, call by call.

use futures_util::future::{BoxFuture, FutureExt};

use super::Session;
use crate::error::{Limit, RunErrorKind};
use crate::host::HostError;
use crate::protocol::{
    Call, CallError, ChainQuery, FetchRequest, NAME_BYTES_MAX, PERSONAL_MESSAGE_BYTES_MAX, RESULT_BYTES_MAX, Reply, SignKind,
    SignRequest, TRANSACTION_BYTES_MAX, ToRunner, VALUE_BYTES_MAX,
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
    is_fetch: bool,
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
    /// Counts a call, and returns the work to do for it, or the refusal. More calls than any script needs end the run.
    pub(super) fn admit(&self, call: Call) -> Result<Work<'_>, RunErrorKind> {
        self.family.budget.take(Limit::Calls).map_err(|(limit, max)| RunErrorKind::Limit { limit, max })?;
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
        let is_fetch = matches!(call, Call::Fetch(_));
        if let Some(Err((limit, max))) = counted.map(|limit| self.family.budget.take(limit)) {
            let refused = Worked { result: Err(spent(limit, max)), logs: String::new() };
            return Ok(Work { worked: futures_util::future::ready(refused).boxed(), is_fetch: false });
        }
        let worked = async {
            let mut logs = String::new();
            Worked { result: self.perform(call, &mut logs).await, logs }
        };
        Ok(Work { worked: worked.boxed(), is_fetch })
    }

    pub(super) async fn answer(&self, id: u32, work: Work<'_>) -> Answered {
        // Held until the worker has taken the reply: what a worker does not read, the node does not keep in number. A closed semaphore
        // does not occur.
        let _permit = if work.is_fetch { self.family.fetching.acquire().await.ok() } else { None };
        let Worked { result, logs } = work.worked.await;
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
                check_signing(&request)?;
                host.sign(cid, request).await.map(|()| Reply::Signed).map_err(refused)
            }
            Call::SignAndCombine(request) => {
                check_signing(&request)?;
                host.sign_and_combine(cid, request).await.map(Reply::Text).map_err(refused)
            }
            Call::Fetch(request) => self.fetch(request).await,
            Call::Action(request) => self.run_child(request, logs).await.map(Reply::Text),
            Call::Chain(query) => {
                check_query(&query)?;
                host.ask_chain(query).await.map(Reply::Text).map_err(refused)
            }
            Call::Collect { name, value } => {
                check_length("name", name.len(), NAME_BYTES_MAX)?;
                check_length("value", value.len(), VALUE_BYTES_MAX)?;
                host.collect(cid, name, value).await.map(Reply::Collected).map_err(refused)
            }
            Call::TakeTurn { name, wait } => {
                check_length("name", name.len(), NAME_BYTES_MAX)?;
                host.take_turn(cid, name, wait).await.map(Reply::Turn).map_err(refused)
            }
            Call::EndTurn { name, result } => {
                check_length("name", name.len(), NAME_BYTES_MAX)?;
                check_length("the result of runOnce", result.len(), RESULT_BYTES_MAX)?;
                host.end_turn(cid, name, result).await.map(|()| Reply::Done).map_err(refused)
            }
        }
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Reply, Refusal> {
        match self.family.request.egress.fetch(request).await {
            Ok(response) => Ok(Reply::Fetched(response)),
            Err(error) => {
                let message = error.to_string();
                Err((CallError { code: "FetchFailed".into(), message, retryable: true }, CallFailure::Script))
            }
        }
    }
}

fn check_signing(request: &SignRequest) -> Result<(), Refusal> {
    if let SignKind::PersonalMessage(message) = &request.kind {
        check_length("a message to sign", message.len(), PERSONAL_MESSAGE_BYTES_MAX)?;
    }
    check_length("publicKey", request.public_key.len(), NAME_BYTES_MAX)?;
    check_length("sigName", request.name.len(), NAME_BYTES_MAX)
}

fn check_query(query: &ChainQuery) -> Result<(), Refusal> {
    let texts = match query {
        ChainQuery::CallContract { chain, transaction } => {
            check_length("txn", transaction.len(), TRANSACTION_BYTES_MAX)?;
            [chain, chain]
        }
        ChainQuery::LatestNonce { chain, address } => [chain, address],
        ChainQuery::RpcUrl { chain } => [chain, chain],
        ChainQuery::IsPermittedAction { token_id, cid } => [token_id, cid],
        ChainQuery::IsPermittedAddress { token_id, address } => [token_id, address],
        ChainQuery::IsPermittedAuthMethod { token_id, auth_method_type, user_id }
        | ChainQuery::PermittedAuthMethodScopes { token_id, auth_method_type, user_id, .. } => {
            check_length("userId", user_id.len(), VALUE_BYTES_MAX)?;
            [token_id, auth_method_type]
        }
        ChainQuery::PermittedActions { token_id }
        | ChainQuery::PermittedAddresses { token_id }
        | ChainQuery::PermittedAuthMethods { token_id } => [token_id, token_id],
    };
    texts.into_iter().try_for_each(|text| check_length("an argument", text.len(), NAME_BYTES_MAX))
}

pub(super) fn check_length(what: &str, bytes: usize, max: usize) -> Result<(), Refusal> {
    if bytes > max { Err(mistake(format!("{what} has at most {max} bytes"))) } else { Ok(()) }
}

pub(super) fn spent(limit: Limit, max: u64) -> Refusal {
    let error = CallError { code: "LimitExceeded".into(), message: limit.message(max), retryable: false };
    (error, CallFailure::Limit(limit, max))
}

pub(super) fn mistake(message: String) -> Refusal {
    (CallError { code: "InvalidArgument".into(), message, retryable: false }, CallFailure::Script)
}

pub(super) fn refused(error: HostError) -> Refusal {
    let HostError { code, message, retryable } = error.clone();
    (CallError { code, message, retryable }, CallFailure::Host(error))
}
