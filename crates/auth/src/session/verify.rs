use conclave_wire::AuthSig;
use ed25519_dalek::{Signature, VerifyingKey};
use time::OffsetDateTime;

use super::message::{PATH, SessionMessage, capability_path};
use super::{ED25519, SESSION, URI_PREFIX, read_key};
use crate::ability::Needed;
use crate::error::{AuthError, AuthFault};
use crate::node_address::NodeAddress;
use crate::policy::Policy;
use crate::principal::{Principal, Session};
use crate::proof::Proof;
use crate::recap::Recap;
use crate::siwe::SiweMessage;
use crate::wallet_signature::{self, Consent, DELEGATION_URI, Period, WALLET};

/// Authenticates a session signature for what a request needs.
///
/// Of the capabilities, the first wallet signature that passes every check decides who asks.
/// Delegations of rate limits are skipped. When none passes, the error is that of the last: SDKs
/// put the session's own consent there.
pub fn authenticate_session(
    auth_sig: &AuthSig,
    needed: &Needed,
    policy: &Policy,
    now: OffsetDateTime,
) -> Result<Principal, AuthError> {
    let key = check_kind(auth_sig)?;
    check_signature(auth_sig, &key)?;
    let message = SessionMessage::parse(&auth_sig.signed_message)?;
    let blame = |field: &str, fault| Err(AuthError::new(format!("{PATH}.{field}"), fault));
    if message.session_key != key {
        return blame("sessionKey", AuthFault::OtherSigningKey);
    }
    let (issued_at, expiration) = (&message.issued_at, &message.expiration);
    Period { issued_at, expiration, longest: policy.max_session_span, skew: policy.skew }.check(
        now,
        &format!("{PATH}.issuedAt"),
        &format!("{PATH}.expiration"),
    )?;
    match NodeAddress::parse(&message.node_address) {
        Ok(address) if policy.node_addresses.contains(&address) => {}
        _ => return blame("nodeAddress", AuthFault::OtherNode),
    }

    let mut refusal = AuthError::new(format!("{PATH}.capabilities"), AuthFault::NoCapability);
    for (index, capability) in message.capabilities.iter().enumerate() {
        let path = capability_path(index);
        let consent = match check_capability(&path, capability, &key, policy, now) {
            Ok(Some(consent)) => consent,
            Ok(None) => continue,
            Err(error) => {
                refusal = error;
                continue;
            }
        };
        let (Consent { message: siwe, valid_until }, recaps) = consent;
        let principal = Principal {
            proofs: vec![Proof::Wallet(siwe.address)],
            valid_until: valid_until.min(expiration.at()),
            siwe_resources: siwe.resources,
            session: Some(Session {
                key,
                capability: path,
                requests: message.requests.clone(),
                recaps,
            }),
        };
        match principal.require(needed) {
            Ok(()) => return Ok(principal),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// Is it a session signature at all, and of which key?
fn check_kind(auth_sig: &AuthSig) -> Result<[u8; 32], AuthError> {
    match auth_sig.derived_via.as_str() {
        SESSION => {}
        WALLET => return Err(AuthError::new("authSig.derivedVia", AuthFault::SessionWanted)),
        _ => return Err(AuthError::new("authSig.derivedVia", AuthFault::Unsupported)),
    }
    if auth_sig.algo.as_deref() != Some(ED25519) {
        return Err(AuthError::new("authSig.algo", AuthFault::WrongAlgorithm));
    }
    read_key(&auth_sig.address)
        .ok_or_else(|| AuthError::new("authSig.address", AuthFault::UnreadableAddress))
}

fn check_signature(auth_sig: &AuthSig, key: &[u8; 32]) -> Result<(), AuthError> {
    let blame = |fault| AuthError::new("authSig.sig", fault);
    let mut signature = [0; 64];
    hex::decode_to_slice(&auth_sig.sig, &mut signature)
        .map_err(|_| blame(AuthFault::UnreadableSessionSignature))?;
    let key = VerifyingKey::from_bytes(key)
        .map_err(|_| AuthError::new("authSig.address", AuthFault::UnreadableAddress))?;
    // Strict: no key or nonce of small order, with which one signature could fit many messages.
    key.verify_strict(auth_sig.signed_message.as_bytes(), &Signature::from_bytes(&signature))
        .map_err(|_| blame(AuthFault::WrongSessionSignature))
}

/// `None` for a delegation, which says nothing about who asks.
fn check_capability(
    path: &str,
    capability: &AuthSig,
    key: &[u8; 32],
    policy: &Policy,
    now: OffsetDateTime,
) -> Result<Option<(Consent, Vec<Recap>)>, AuthError> {
    let siwe = wallet_signature::read(path, capability)?;
    if siwe.uri == DELEGATION_URI {
        return Ok(None);
    }
    if siwe.uri.strip_prefix(URI_PREFIX).and_then(read_key).as_ref() != Some(key) {
        return Err(AuthError::new(
            format!("{path}.signedMessage.URI"),
            AuthFault::OtherSessionKey,
        ));
    }
    let consent = wallet_signature::check(path, capability, siwe, policy, now)?;
    let recaps = check_recaps(path, &consent.message)?;
    Ok(Some((consent, recaps)))
}

/// Reads every ReCap, and checks that the statement ends with the sentences of all of them, in
/// their order: what the wallet showed is what it granted.
fn check_recaps(path: &str, message: &SiweMessage) -> Result<Vec<Recap>, AuthError> {
    let read = |(index, resource): (usize, &String)| {
        let name = |fault| {
            AuthError::new(
                format!("{path}.signedMessage.Resources[{index}]"),
                AuthFault::Recap(fault),
            )
        };
        Recap::read(resource).map(|recap| recap.map_err(name))
    };
    let recaps: Vec<Recap> =
        message.resources.iter().enumerate().filter_map(read).collect::<Result<_, _>>()?;
    if recaps.is_empty() {
        return Ok(recaps);
    }
    let sentences: Vec<String> = recaps.iter().map(Recap::statement).collect();
    let before = message
        .statement
        .as_deref()
        .and_then(|statement| statement.strip_suffix(&sentences.join(" ")));
    match before {
        Some(before) if before.is_empty() || before.ends_with(' ') => Ok(recaps),
        _ => Err(AuthError::new(
            format!("{path}.signedMessage.statement"),
            AuthFault::StatementMismatch,
        )),
    }
}
