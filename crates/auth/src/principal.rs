//! Who asks, once it is known.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::ability::Needed;
use crate::address::Address;
use crate::error::{AuthError, AuthFault};
use crate::proof::Proof;
use crate::recap::Recap;
use crate::session::Request;

/// An authenticated asker, known by what it proved. Holds nothing with which somebody else could
/// ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// What was proved; never empty.
    pub proofs: Vec<Proof>,
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
    /// Bytes that stand for this asker among all others, the same on every node. A principal with
    /// one proof has that proof's key; with several, the order in which it showed them is of no
    /// weight.
    pub fn key(&self) -> Vec<u8> {
        if let [only] = self.proofs.as_slice() {
            return only.key();
        }
        let proofs: BTreeSet<&Proof> = self.proofs.iter().collect();
        let keys = proofs.into_iter().map(Proof::key);
        keys.flat_map(|key| [(key.len() as u64).to_be_bytes().to_vec(), key].concat()).collect()
    }

    /// The wallet that signed, if one did.
    pub fn wallet(&self) -> Option<Address> {
        self.proofs.iter().map(|Proof::Wallet(address)| *address).next()
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(wallets: &[u8]) -> Principal {
        Principal {
            proofs: wallets.iter().map(|byte| Proof::Wallet([*byte; 20])).collect(),
            valid_until: OffsetDateTime::UNIX_EPOCH,
            siwe_resources: Vec::new(),
            session: None,
        }
    }

    #[test]
    fn a_wallet_is_known_by_the_20_bytes_of_its_address() {
        assert_eq!(principal(&[7]).key(), [7; 20]);
        assert_eq!(principal(&[7]).wallet(), Some([7; 20]));
    }

    #[test]
    fn several_proofs_are_known_by_all_of_them_in_any_order() {
        assert_eq!(principal(&[7, 8]).key(), principal(&[8, 7]).key());
        let askers: [&[u8]; 5] = [&[7], &[8], &[7, 8], &[7, 9], &[7, 8, 9]];
        let keys: BTreeSet<_> = askers.iter().map(|wallets| principal(wallets).key()).collect();
        assert_eq!(keys.len(), askers.len());
    }
}
