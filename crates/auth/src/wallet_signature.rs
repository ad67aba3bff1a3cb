//! A wallet's signature over an EIP-4361 message: the check that plain signatures and session
//! capabilities share.

use conclave_wire::AuthSig;
use time::{Duration, OffsetDateTime};

use crate::address::{self, Address};
use crate::error::{AuthError, AuthFault};
use crate::personal::recover_personal;
use crate::policy::{NoncePolicy, Policy};
use crate::principal::Principal;
use crate::proof::Proof;
use crate::session::{SESSION, URI_PREFIX};
use crate::siwe::SiweMessage;
use crate::timestamp::Timestamp;

/// `derivedVia` of a wallet's personal signature.
pub(crate) const WALLET: &str = "web3.eth.personal.sign";
/// The URI of a signature that lends its maker's rate limit, and nothing else.
pub(crate) const DELEGATION_URI: &str = "lit:capability:delegation";

/// Authenticates a plain wallet signature. A wallet's consent to a session or to a delegation is
/// not one: whoever saw it could otherwise act as the wallet.
pub fn authenticate_wallet(
    auth_sig: &AuthSig,
    policy: &Policy,
    now: OffsetDateTime,
) -> Result<Principal, AuthError> {
    const PATH: &str = "authSig";
    if auth_sig.derived_via == SESSION {
        return Err(AuthError::new(format!("{PATH}.derivedVia"), AuthFault::WalletWanted));
    }
    let siwe = read(PATH, auth_sig)?;
    if siwe.uri.starts_with(URI_PREFIX) || siwe.uri == DELEGATION_URI {
        return Err(AuthError::new(format!("{PATH}.signedMessage.URI"), AuthFault::WalletWanted));
    }
    let consent = check(PATH, auth_sig, siwe, policy, now)?;
    Ok(Principal {
        proofs: vec![Proof::Wallet(consent.message.address)],
        valid_until: consent.valid_until,
        siwe_resources: consent.message.resources,
        session: None,
    })
}

/// A message that its signer signed, at a time at which it holds.
pub(crate) struct Consent {
    pub(crate) message: SiweMessage,
    pub(crate) valid_until: OffsetDateTime,
}

/// Reads a wallet signature's text without believing it.
pub(crate) fn read(path: &str, auth_sig: &AuthSig) -> Result<SiweMessage, AuthError> {
    if auth_sig.derived_via != WALLET {
        return Err(AuthError::new(format!("{path}.derivedVia"), AuthFault::Unsupported));
    }
    if auth_sig.algo.is_some() {
        return Err(AuthError::new(format!("{path}.algo"), AuthFault::Unsupported));
    }
    SiweMessage::parse(&auth_sig.signed_message)
        .map_err(|fault| AuthError::new(format!("{path}.signedMessage"), AuthFault::Siwe(fault)))
}

/// The whole check but what the URI and the resources mean.
pub(crate) fn check(
    path: &str,
    auth_sig: &AuthSig,
    message: SiweMessage,
    policy: &Policy,
    now: OffsetDateTime,
) -> Result<Consent, AuthError> {
    let in_text = |field: &str| format!("{path}.signedMessage.{field}");
    check_signer(path, auth_sig, &message.address)?;
    let expiration = message.expiration_time.as_ref();
    let expiration = expiration
        .ok_or_else(|| AuthError::new(in_text("Expiration Time"), AuthFault::NoExpiration))?;
    Period {
        issued_at: &message.issued_at,
        expiration,
        longest: policy.max_wallet_span,
        skew: policy.skew,
    }
    .check(now, &in_text("Issued At"), &in_text("Expiration Time"))?;
    if message.not_before.as_ref().is_some_and(|time| time.at() > now.saturating_add(policy.skew)) {
        return Err(AuthError::new(in_text("Not Before"), AuthFault::NotYetValid));
    }
    let allows = |domains: &Vec<String>| {
        domains.iter().any(|domain| domain.eq_ignore_ascii_case(&message.domain))
    };
    if !policy.domains.as_ref().is_none_or(allows) {
        return Err(AuthError::new(in_text("domain"), AuthFault::DomainNotAllowed));
    }
    match &policy.nonce {
        NoncePolicy::FormOnly => {}
        NoncePolicy::OneOf(nonces) if nonces.contains(&message.nonce) => {}
        NoncePolicy::OneOf(_) => {
            return Err(AuthError::new(in_text("Nonce"), AuthFault::NonceNotAllowed));
        }
    }
    let valid_until = expiration.at();
    Ok(Consent { message, valid_until })
}

fn check_signer(path: &str, auth_sig: &AuthSig, signer: &Address) -> Result<(), AuthError> {
    let address_field = format!("{path}.address");
    let beside = address::parse(&auth_sig.address)
        .ok_or_else(|| AuthError::new(&*address_field, AuthFault::UnreadableAddress))?;
    if beside != *signer {
        return Err(AuthError::new(address_field, AuthFault::OtherAddress));
    }
    let fault = match recover_personal(&auth_sig.signed_message, &auth_sig.sig) {
        Ok(recovered) if recovered == *signer => return Ok(()),
        Ok(_) => AuthFault::OtherSigner,
        Err(fault) => AuthFault::Signature(fault),
    };
    Err(AuthError::new(format!("{path}.sig"), fault))
}

/// From when to when something holds.
pub(crate) struct Period<'a> {
    pub(crate) issued_at: &'a Timestamp,
    pub(crate) expiration: &'a Timestamp,
    pub(crate) longest: Duration,
    pub(crate) skew: Duration,
}

impl Period<'_> {
    /// Both ends are included: what expires exactly `skew` ago still holds.
    pub(crate) fn check(
        &self,
        now: OffsetDateTime,
        issued_field: &str,
        expiration_field: &str,
    ) -> Result<(), AuthError> {
        let (issued_at, expiration) = (self.issued_at.at(), self.expiration.at());
        let (field, fault) = if issued_at > now.saturating_add(self.skew) {
            (issued_field, AuthFault::NotYetValid)
        } else if expiration < now.saturating_sub(self.skew) {
            (expiration_field, AuthFault::Expired)
        } else if expiration <= issued_at {
            (expiration_field, AuthFault::EndsBeforeStart)
        } else if expiration - issued_at > self.longest {
            (expiration_field, AuthFault::LastsTooLong { days: self.longest.whole_days() })
        } else {
            return Ok(());
        };
        Err(AuthError::new(field, fault))
    }
}
