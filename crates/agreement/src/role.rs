//! What the three roles of a member have in common.

use crate::entropy::Entropy;
use crate::time::Instant;
use conclave_threshold::party::PartyId;

/// One of a member's three roles: signing, exchanges, ceremonies. It hears messages, links and the
/// time, and its effects are picked up after each of them.
pub trait Role {
    /// What members say to one another in this role.
    type Message;
    /// What whoever drives the role is to do.
    type Effect;

    /// Takes one message from the authenticated link of `from`.
    fn receive(
        &mut self,
        from: PartyId,
        message: Self::Message,
        now: Instant,
        entropy: &mut dyn Entropy,
    );

    /// Moves on what has waited too long.
    fn tick(&mut self, now: Instant, entropy: &mut dyn Entropy);

    /// The link to `peer` is open from now on.
    fn link_opened(&mut self, peer: PartyId, now: Instant);

    /// The link to `peer` is closed, with everything that was on its way.
    fn link_closed(&mut self, peer: PartyId, now: Instant);

    /// What is to be done since the last call of this.
    fn effects(&mut self) -> Vec<Self::Effect>;
}
