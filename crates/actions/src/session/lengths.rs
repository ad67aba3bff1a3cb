//! What a worker may send at most: judged before anything is kept or done for it.

use super::calls::{Refusal, mistake};
use crate::action::PARAMETER_BYTES_MAX;
use crate::protocol::{
    Call, ChainQuery, ChildRequest, NAME_BYTES_MAX, PERSONAL_MESSAGE_BYTES_MAX, RESULT_BYTES_MAX,
    SignKind, SignRequest, TRANSACTION_BYTES_MAX, VALUE_BYTES_MAX,
};

/// Whether everything in a call is short enough; requests of `fetch` are judged by what sends them.
pub(super) fn check(call: &Call) -> Result<(), Refusal> {
    match call {
        Call::Sign(request) | Call::SignAndCombine(request) => check_signing(request),
        Call::Fetch(_) => Ok(()),
        Call::Action(ChildRequest { cid, params }) => {
            check_length("ipfsId", cid.len(), NAME_BYTES_MAX)?;
            check_length("params", params.len(), PARAMETER_BYTES_MAX)
        }
        Call::Chain(query) => check_query(query),
        Call::Collect { name, value } => {
            check_length("name", name.len(), NAME_BYTES_MAX)?;
            check_length("value", value.len(), VALUE_BYTES_MAX)
        }
        Call::TakeTurn { name, .. } => check_length("name", name.len(), NAME_BYTES_MAX),
        Call::EndTurn { name, result } => {
            check_length("name", name.len(), NAME_BYTES_MAX)?;
            check_length("the result of runOnce", result.len(), RESULT_BYTES_MAX)
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
