//! What made one end of a set of base transfers: its seed and the other end's message. It is kept
//! as long as the transfers, so that whoever opens it can show to have done nothing but what the
//! protocol says.

use super::{AliceMessage, AliceSeeds, AliceStart, BobMessage, BobSeeds, bob_drawing_from};
use crate::fault::Fault;
use crate::messages;
use crate::ot::Pair;
use crate::randomness::Randomness;
use zeroize::Zeroize;

messages! {
    /// Alice's end.
    #[derive(Clone, PartialEq, Eq)]
    pub struct AliceOrigin {
        pub(super) seed: [u8; 32],
        pub(super) answer: BobMessage,
    }

    /// Bob's end.
    #[derive(Clone, PartialEq, Eq)]
    pub struct BobOrigin {
        pub(super) seed: [u8; 32],
        pub(super) request: AliceMessage,
    }
}

impl AliceOrigin {
    /// The same seeds again. Their id tells whether both messages were those of this origin.
    pub fn reproduce(&self, pair: Pair) -> Result<AliceSeeds, Fault> {
        AliceStart::drawing_from(pair, Randomness::reopened(self.seed)).0.finish(&self.answer)
    }
}

impl BobOrigin {
    /// The same seeds again. Their id tells whether both messages were those of this origin.
    pub fn reproduce(&self, pair: Pair) -> Result<BobSeeds, Fault> {
        bob_drawing_from(pair, &self.request, Randomness::reopened(self.seed))
            .map(|(seeds, _)| seeds)
    }
}

macro_rules! secret_until_opened {
    ($($origin:ident),*) => {$(
        impl Drop for $origin {
            fn drop(&mut self) {
                self.seed.zeroize();
            }
        }

        impl core::fmt::Debug for $origin {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($origin), "(..)"))
            }
        }
    )*};
}
secret_until_opened!(AliceOrigin, BobOrigin);
