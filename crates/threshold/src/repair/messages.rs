//! What the participants of a repair send each other. All of it is secret, and for one receiver.

use crate::group::{Curve, Secret};
use crate::machine::RoundShape;
use crate::messages;

pub(super) const ADD: u16 = 1;
pub(super) const SUM: u16 = 2;

const NOTHING: RoundShape = RoundShape { broadcast: false, direct: false };
const TO_ONE: RoundShape = RoundShape { broadcast: false, direct: true };

/// What a helper hears from the others, and what the target hears.
pub(super) fn helpers_rounds() -> Vec<RoundShape> {
    vec![TO_ONE, NOTHING]
}

pub(super) fn targets_rounds() -> Vec<RoundShape> {
    vec![NOTHING, TO_ONE]
}

messages! {
    /// Round 1, from each helper to each other one.
    #[derive(Clone)]
    pub struct Addends<C: Curve> {
        /// For each key a random addend of what the sender contributes.
        pub addends: Vec<Secret<C>>,
    }

    /// Round 2, from each helper to the target.
    #[derive(Clone)]
    pub struct Sums<C: Curve> {
        /// For each key the sum of the addends that the sender has.
        pub sums: Vec<Secret<C>>,
    }
}
