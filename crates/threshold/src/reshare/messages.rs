//! What the participants of a reshare send each other.

use crate::group::Curve;
use crate::machine::RoundShape;
use crate::messages;

pub(super) const COMMIT: u16 = 1;
pub(super) const OPEN: u16 = 2;
pub(super) const SIGN: u16 = 3;

const NOTHING: RoundShape = RoundShape { broadcast: false, direct: false };
const TO_ALL: RoundShape = RoundShape { broadcast: true, direct: false };

/// What dealers send. Only new members get shares.
pub(super) fn dealers_rounds(receives: bool) -> Vec<RoundShape> {
    vec![TO_ALL, RoundShape { broadcast: true, direct: receives }]
}

/// What everybody sends.
pub(super) fn everybodys_rounds() -> Vec<RoundShape> {
    vec![NOTHING, NOTHING, TO_ALL]
}

messages! {
    /// Round 1, from each dealer to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Commitment {
        /// Hash of the dealer's whole opening.
        pub commitment: [u8; 32],
    }

    /// Round 2, from each dealer to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Opening<C: Curve> {
        /// For each key the coefficients of the dealer's polynomial times the generator, lowest
        /// first.
        pub vectors: Vec<Vec<C::Uncompressed>>,
    }

    /// Round 3, from everybody to all: the envelope's signature is what counts.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Signoff {
        /// The hash of the [`Record`](super::Record). Two participants who saw different things
        /// notice it here.
        pub transcript: [u8; 32],
    }
}
