//! A place to listen in on a node's links, for tests that record, lose or fake what nodes say to
//! one another.

pub use conclave_agreement::MemberMessage;
use conclave_threshold::party::PartyId;

/// Sees every message between the protocols and the mesh. The program `conclave` runs without one.
pub trait Tap: Send + Sync {
    /// Called before a message leaves; `false` loses it.
    fn outgoing(&self, to: PartyId, message: &MemberMessage) -> bool;

    /// Called before a message is taken in; `false` loses it.
    fn incoming(&self, from: PartyId, message: &MemberMessage) -> bool;
}
