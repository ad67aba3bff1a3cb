//! The states of a run, in order. Each is made by a round, consumed by the next, and holds no secret longer than that.

mod committed;
mod multiplied;
mod proven;
mod signed;

pub use committed::Committed;
pub use multiplied::Multiplied;
pub use proven::Proven;
pub use signed::Signed;

use crate::fault::Fault;
use crate::multiplication::INPUTS;
use crate::party::PartyId;
use k256::Scalar;
use zeroize::Zeroizing;

/// Shares of the products with one peer, by index: of `k` and of `b`.
type Shares = Zeroizing<Vec<[Scalar; INPUTS]>>;

/// A check that a party's own signed messages fail or pass.
fn provable(holds: bool, party: PartyId, check: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Proven { party, check }) }
}
