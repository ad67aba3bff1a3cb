//! Who asks, once it is known.

use time::OffsetDateTime;

use crate::ability::Needed;
use crate::address::Address;
use crate::error::{AuthError, AuthFault};
use crate::recap::Recap;
use crate::session::Request;

/// An authenticated asker. Holds nothing with which somebody else could ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The wallet.
    pub address: Address,
    /// When this ends: the earlier of session and wallet signature, without allowance for clocks.
    pub valid_until: OffsetDateTime,
    /// The resources in the text that the wallet signed.
    pub siwe_resources: Vec<String>,
    /// The session in the wallet's name; none when the wallet itself signed the request.
    pub session: Option<Session>,
}

/// A key that a wallet let act in its name, for some uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The ed25519 public key.
    pub key: [u8; 32],
    pub(crate) capability: String,
    pub(crate) requests: Vec<Request>,
    pub(crate) recaps: Vec<Recap>,
}

impl Principal {
    /// Whether the asker may do this in the wallet's name: always, if the wallet itself asks. The
    /// session must list it, and the wallet must have granted it. (Whether the wallet may do it is
    /// a matter of the chain.)
    pub fn require(&self, needed: &Needed) -> Result<(), AuthError> {
        let Some(session) = &self.session else { return Ok(()) };
        if !session.requests.iter().any(|request| request.covers(needed)) {
            let field = "authSig.signedMessage.resourceAbilityRequests";
            return Err(AuthError::new(field, AuthFault::NotRequested(needed.ability().name())));
        }
        if !session.recaps.iter().any(|recap| recap.grants(needed)) {
            let field = format!("{}.signedMessage.Resources", session.capability);
            return Err(AuthError::new(field, AuthFault::NotGranted(needed.ability().recap())));
        }
        Ok(())
    }
}
