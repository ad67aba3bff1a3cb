//! Oblivious transfer between the two ends of an ordered pair.
//!
//! *Alice* holds the inputs of the multiplication: she sends in the extension, and therefore
//! receives in the base transfers, with the choice bits `Delta`. *Bob* holds the random multiplier:
//! he receives in the extension and sends in the base transfers. Every two parties are two pairs,
//! one in each direction, with nothing in common.
//!
//! [`base`] makes seeds with public-key operations, [`extension`] turns one set of seeds into as
//! many random transfers as a batch needs. Seeds serve one extension and are consumed by it.

pub mod base;
pub mod extension;

mod blocks;
mod column_hash;
#[cfg(test)]
mod constant_time;
mod row_pads;
pub(crate) mod words;

pub(crate) use row_pads::{Row, WIDTH as TRANSFER_WIDTH};

use crate::codec::Encode;
use crate::ids::EpochDigest;
use crate::party::PartyId;
use crate::transcript::Transcript;

/// Base transfers in a set: one per bit of `Delta`, so that guessing it is guessing 128 bits.
pub const BASE_TRANSFERS: usize = 128;

/// One ordered pair of parties in one epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// [`Epoch::digest`](crate::party::Epoch::digest).
    pub epoch: EpochDigest,
    /// The end that offers.
    pub alice: PartyId,
    /// The end that chooses.
    pub bob: PartyId,
}

impl Pair {
    /// Binds a hash to the pair and its direction.
    pub(crate) fn bind(&self, transcript: &mut Transcript) {
        transcript
            .append(self.epoch.as_bytes())
            .append(&self.alice.encoded())
            .append(&self.bob.encoded());
    }
}

/// What a party holds for one presigning run with one peer: the seeds of both directions.
pub struct PairSeeds {
    /// With this party as Alice.
    pub alice: base::AliceSeeds,
    /// With this party as Bob.
    pub bob: base::BobSeeds,
}
