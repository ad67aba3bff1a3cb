//! Who is asking: reads a wallet signature (EIP-4361) or a session signature with its ReCap
//! capability (ERC-5573), and answers with a [`Principal`] or an [`AuthError`] that names the field
//! at fault.
//!
//! Nothing after this crate looks at a token again. It deliberately knows no chain, no I/O and no
//! clock: the time is a parameter, and whether a principal may use a key is for others to say. What
//! it does not verify (contract wallets, BLS sessions, other chains' wallets) it refuses with one
//! clear fault.
//!
//! The signing side, for clients, is here too, so that both sides speak one text: [`Wallet`] and
//! [`SessionSigner`].

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod ability;
pub mod address;
mod error;
mod node_address;
mod personal;
mod policy;
mod principal;
mod proof;
mod recap;
mod session;
pub mod siwe;
mod store_action;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
mod wallet;
mod wallet_signature;

pub use ability::{Ability, Grant, Needed};
pub use address::Address;
pub use conclave_wire::AuthSig;
pub use error::{AuthError, AuthFault, RecapFault, SiweFault};
pub use node_address::{NodeAddress, NodeAddressError};
pub use personal::{SignatureFault, personal_digest, recover_personal};
pub use policy::{MAX_SPAN, NoncePolicy, Policy, SKEW};
pub use principal::{Principal, Session};
pub use proof::Proof;
pub use recap::{MAX_RECAP_RESOURCES, Recap};
pub use session::{
    MAX_CAPABILITIES, MAX_SESSION_REQUESTS, SessionSigner, SessionTerms, authenticate_session,
};
pub use siwe::SiweMessage;
pub use store_action::{STORE_ACTION_WINDOW, authenticate_store_action, sign_store_action};
pub use timestamp::Timestamp;
pub use wallet::{InvalidSecret, Wallet};
pub use wallet_signature::authenticate_wallet;
