//! Who may use a key, and for what: the decision, without any I/O.
//!
//! [`crate::Chain::authorisation`] reads what the decision needs; [`decide`] makes it. A key that
//! is not minted signs nothing. Its owner may do anything and needs no grant. Anybody else needs a
//! grant with a fitting scope: registered without one, an asker may not sign. A burned token has no
//! owner, and its grants stay in force for ever.

use alloy::primitives::{Address, U256, keccak256};
use thiserror::Error;

use crate::WalletKey;

/// Auth method type of an account, and of a login by wallet.
const ADDRESS_TYPE: u8 = 1;
/// Auth method type of an action.
const ACTION_TYPE: u8 = 2;

/// One way of proving who asks: a type and an id, as the permissions contract keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthMethod {
    /// The type: 1 for accounts and wallet logins, 2 for actions, others for other logins.
    pub kind: U256,
    /// Whom it proves, within its type.
    pub id: Vec<u8>,
}

impl AuthMethod {
    /// An account.
    pub fn address(address: Address) -> Self {
        Self { kind: U256::from(ADDRESS_TYPE), id: address.to_vec() }
    }

    /// An action, by the 34 multihash bytes of its CIDv0.
    pub fn action(multihash: [u8; 34]) -> Self {
        Self { kind: U256::from(ACTION_TYPE), id: multihash.to_vec() }
    }

    /// A login with the wallet of this account: keccak-256 of `0xChecksumAddress:lit`.
    pub fn wallet(address: Address) -> Self {
        Self::wallet_named(&address.to_checksum(None))
    }

    /// The same, from an application that wrote the address in lower case.
    pub fn wallet_in_lower_case(address: Address) -> Self {
        Self::wallet_named(&address.to_checksum(None).to_lowercase())
    }

    fn wallet_named(address: &str) -> Self {
        let id = keccak256(format!("{address}:lit").as_bytes());
        Self { kind: U256::from(ADDRESS_TYPE), id: id.to_vec() }
    }
}

/// What a grant is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// Sign any digest.
    SignAnything = 1,
    /// Sign EIP-191 personal messages only.
    PersonalSign = 2,
}

/// The scopes of one grant: bit i stands for scope i.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(pub U256);

impl Scopes {
    /// Whether the scope is among them.
    pub fn contains(self, scope: Scope) -> bool {
        self.0.bit(scope as usize)
    }
}

impl<const N: usize> From<[Scope; N]> for Scopes {
    fn from(scopes: [Scope; N]) -> Self {
        Self(
            scopes.iter().fold(U256::ZERO, |bits, scope| bits | U256::from(1) << (*scope as usize)),
        )
    }
}

/// An auth method that a token permits, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub method: AuthMethod,
    /// What for; nothing, when it is empty.
    pub scopes: Scopes,
}

/// What the chain says of one token and some askers, all at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// The token's owner; `None` when it is burned or not minted.
    pub owner: Option<Address>,
    /// The key; `None` when it is not minted.
    pub public_key: Option<WalletKey>,
    /// Those of the auth methods that were asked about which are permitted.
    pub grants: Vec<Grant>,
}

/// Who asks, as far as it was proved. An action that runs for somebody asks with both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// The accounts that signed the session.
    pub addresses: Vec<Address>,
    /// The running action, by the 34 multihash bytes of its CIDv0.
    pub action: Option<[u8; 34]>,
    /// Other logins.
    pub auth_methods: Vec<AuthMethod>,
}

impl Asker {
    /// Every auth method whose grant would do.
    pub fn methods(&self) -> Vec<AuthMethod> {
        let mut methods = self.auth_methods.clone();
        methods.extend(self.action.map(AuthMethod::action));
        for address in self.addresses.iter().copied() {
            methods.push(AuthMethod::address(address));
            methods.push(AuthMethod::wallet(address));
            methods.push(AuthMethod::wallet_in_lower_case(address));
        }
        methods
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A signature on any digest.
    SignAnything,
    /// A signature on an EIP-191 personal message, whose prefix the node itself has put there.
    PersonalSign,
}

/// Why the answer is yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// The asker owns the token.
    Owner,
    /// This grant.
    Grant(Grant),
}

/// Why the answer is no.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    /// The key was not minted, or no such key exists.
    #[error("the key is not minted")]
    NotMinted,
    /// The asker neither owns the token nor has a grant.
    #[error("the asker neither owns the key nor is permitted to use it")]
    NotPermitted,
    /// The asker has a grant, without a scope that would do.
    #[error("the asker is permitted, but without a scope for this")]
    ScopeMissing,
}

/// Whether the asker may have what it needs.
pub fn decide(authorisation: &Authorisation, asker: &Asker, need: Need) -> Result<Grounds, Denied> {
    if authorisation.public_key.is_none() {
        return Err(Denied::NotMinted);
    }
    if authorisation.owner.is_some_and(|owner| asker.addresses.contains(&owner)) {
        return Ok(Grounds::Owner);
    }
    let methods = asker.methods();
    let mut theirs =
        authorisation.grants.iter().filter(|grant| methods.contains(&grant.method)).peekable();
    if theirs.peek().is_none() {
        return Err(Denied::NotPermitted);
    }
    theirs
        .find(|grant| suffices(grant.scopes, need))
        .map(|grant| Grounds::Grant(grant.clone()))
        .ok_or(Denied::ScopeMissing)
}

fn suffices(scopes: Scopes, need: Need) -> bool {
    match need {
        Need::SignAnything => scopes.contains(Scope::SignAnything),
        Need::PersonalSign => {
            scopes.contains(Scope::SignAnything) || scopes.contains(Scope::PersonalSign)
        }
    }
}

#[cfg(test)]
mod tests;
