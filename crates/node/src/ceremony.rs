//! Ceremonies: key generation and presigning runs among several nodes, from the proposal to the
//! result.
//!
//! A ceremony begins with a prelude: one node proposes, every participant answers everybody with a
//! fresh nonce (and, for presigning, the base oblivious transfers it has set aside). From these
//! follows the session id; a proposer that told different things to different nodes gets different
//! ids, and nothing starts. The protocol itself runs on a thread of its own at low priority, so
//! that no ceremony delays a signature.

mod early;
mod keeper;
mod ot_stock;
mod pairs;
mod prelude;
mod worker;

pub use keeper::{Background, Keeper, KeeperEvent};
pub use worker::{CeremonyOutput, DkgSupport, GeneratedKeys, KEY_TYPE_BLS, KeyBatch};

use conclave_threshold::codec::{Decode, DecodeError, Encode, Reader};
use conclave_threshold::messages;
use conclave_threshold::party::PartyId;
use conclave_threshold::transcript::{Tag, Transcript};

/// Random, chosen by the proposer.
pub type CeremonyId = [u8; 16];

/// What a ceremony makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The network's BLS12-381 key. The batch may be registered on chain up to and including block
    /// `expiry`.
    NetworkKey { expiry: u64 },
    /// So many wallet keys.
    Wallets { count: u32, expiry: u64 },
    /// So many presignatures among exactly the participants.
    Presign { size: u32 },
}

impl Encode for Kind {
    fn encode(&self, out: &mut Vec<u8>) {
        let (kind, count, expiry) = match *self {
            Kind::NetworkKey { expiry } => (1u16, 1u32, expiry),
            Kind::Wallets { count, expiry } => (2, count, expiry),
            Kind::Presign { size } => (3, size, 0),
        };
        kind.encode(out);
        count.encode(out);
        expiry.encode(out);
    }
}

impl Decode for Kind {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (kind, count, expiry) =
            (u16::decode(reader)?, u32::decode(reader)?, u64::decode(reader)?);
        match (kind, count, expiry) {
            (1, 1, expiry) => Ok(Kind::NetworkKey { expiry }),
            (2, count, expiry) => Ok(Kind::Wallets { count, expiry }),
            (3, size, 0) => Ok(Kind::Presign { size }),
            _ => Err(DecodeError::NotCanonical("ceremony kind")),
        }
    }
}

messages! {
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Proposal {
        pub id: CeremonyId,
        pub kind: Kind,
        /// In ascending order.
        pub participants: Vec<PartyId>,
    }

    /// One participant's part of the prelude, to every other.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Join {
        pub id: CeremonyId,
        /// [`Proposal::digest`]: participants of different proposals notice here.
        pub proposal: [u8; 32],
        pub nonce: [u8; 32],
        /// For presigning: the base transfers that the sender, as their receiver, has set aside for
        /// each peer.
        pub handles: Vec<Handle>,
    }

    /// A stock of base transfers between the sender of the [`Join`] and `peer`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Handle {
        pub peer: PartyId,
        pub id: [u8; 32],
    }
}

impl Proposal {
    pub fn digest(&self) -> [u8; 32] {
        Transcript::new(Tag::Proposal).with(&self.encoded()).finish()
    }
}
