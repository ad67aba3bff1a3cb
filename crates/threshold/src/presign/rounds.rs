//! The states of a run, in order. Each is made by a round, consumed by the next, and holds no
//! secret longer than that.

mod committed;
mod multiplied;
mod proven;
mod signed;

pub(super) use committed::Committed;
pub(super) use multiplied::Multiplied;
pub(super) use proven::Proven;
pub(super) use signed::Signed;

use crate::fault::Fault;
use crate::multiplication::Shares;
use crate::party::PartyId;

/// A check that a party's own signed messages fail or pass.
fn provable(holds: bool, party: PartyId, check: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Proven { party, check }) }
}
