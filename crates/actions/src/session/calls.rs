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
    /// A mistake of the script, or a server that does not answer: the script's own matter.
    Script,
}

/// What the script sees of a failure, and what the node keeps of it.
type Refusal = (CallError, CallFailure);
type Work<'a> = BoxFuture<'a, Result<Reply, Refusal>>;

impl Session<'_> {
    /// Counts a call, and returns the work to do for it, or the refusal. More calls than any script needs end the run.
    pub(super) fn admit(&self, call: Call) -> Result<Work<'_>, RunErrorKind> {
        self.budget.take(Limit::Calls).map_err(|(limit, max)| RunErrorKind::Limit { limit, max })?;
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
        if let Some(Err((limit, max))) = counted.map(|limit| self.budget.take(limit)) {
            return Ok(futures_util::future::ready(Err(spent(limit, max))).boxed());
        }
        Ok(self.perform(call).boxed())
    }

    pub(super) async fn answer(&self, id: u32, work: Work<'_>) -> Result<(u32, Option<CallFailure>), RunErrorKind> {
        let (result, failure) = match work.await {
            Ok(reply) => (Ok(reply), None),
            Err((error, failure)) => (Err(error), Some(failure)),
        };
        self.send(&ToRunner::Reply { id, result }).await?;
        Ok((id, failure))
    }

    async fn perform(&self, call: Call) -> Result<Reply, Refusal> {
        let cid = self.cid;
        match call {
            Call::Sign(request) => {
                check_signing(&request)?;
                self.host.sign(cid, request).await.map(|()| Reply::Signed).map_err(refused)
            }
            Call::SignAndCombine(request) => {
                check_signing(&request)?;
                self.host.sign_and_combine(cid, request).await.map(Reply::Text).map_err(refused)
            }
            Call::Fetch(request) => self.fetch(request).await,
            Call::Action(_) => Err(mistake("child actions are not offered by this version".to_owned())),
            Call::Chain(query) => {
                check_query(&query)?;
                self.host.ask_chain(query).await.map(Reply::Text).map_err(refused)
            }
            Call::Collect { name, value } => {
                check_length("name", name.len(), NAME_BYTES_MAX)?;
                check_length("value", value.len(), VALUE_BYTES_MAX)?;
                self.host.collect(cid, name, value).await.map(Reply::Collected).map_err(refused)
            }
            Call::TakeTurn { name, wait } => {
                check_length("name", name.len(), NAME_BYTES_MAX)?;
                self.host.take_turn(cid, name, wait).await.map(Reply::Turn).map_err(refused)
            }
            Call::EndTurn { name, result } => {
                check_length("name", name.len(), NAME_BYTES_MAX)?;
                check_length("the result of runOnce", result.len(), RESULT_BYTES_MAX)?;
                self.host.end_turn(cid, name, result).await.map(|()| Reply::Done).map_err(refused)
            }
        }
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Reply, Refusal> {
        // Held until the answer is complete; a closed semaphore does not occur.
        let _permit = self.fetching.acquire().await;
        match self.egress.fetch(request).await {
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

fn check_length(what: &str, bytes: usize, max: usize) -> Result<(), Refusal> {
    if bytes > max { Err(mistake(format!("{what} has at most {max} bytes"))) } else { Ok(()) }
}

fn spent(limit: Limit, max: u64) -> Refusal {
    let error = CallError { code: "LimitExceeded".into(), message: limit.message(max), retryable: false };
    (error, CallFailure::Limit(limit, max))
}

fn mistake(message: String) -> Refusal {
    (CallError { code: "InvalidArgument".into(), message, retryable: false }, CallFailure::Script)
}

fn refused(error: HostError) -> Refusal {
    let HostError { code, message, retryable } = error.clone();
    (CallError { code, message, retryable }, CallFailure::Host(error))
}
