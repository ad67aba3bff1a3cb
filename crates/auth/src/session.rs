//! Session signatures: an ephemeral ed25519 key signs for one node, and carries a wallet's consent
//! to it.

mod message;
mod signer;
mod verify;

pub(crate) use message::Request;
pub use message::{MAX_CAPABILITIES, MAX_SESSION_REQUESTS};
pub use signer::{SessionSigner, SessionTerms};
pub use verify::authenticate_session;

/// `derivedVia` of a session signature.
pub(crate) const SESSION: &str = "litSessionSignViaNacl";
/// `algo` of a session signature.
pub(crate) const ED25519: &str = "ed25519";
/// Before the session key, in the URI that the wallet signs.
pub(crate) const URI_PREFIX: &str = "lit:session:";

/// Reads an ed25519 public key: 64 hexadecimal digits.
fn read_key(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).ok().map(|()| key)
}
