//! The kinds of ceremonies: one room for each, with all that is particular to it.

mod generation;
mod network_key;
mod presign;
mod wallets;

pub use network_key::NetworkKey;
pub use presign::Presign;
pub use wallets::{MAX_KEYS, Wallets};

use super::admission::Needs;
use super::job::Workshop;
use super::protocol::Started;
use conclave_threshold::codec::{Decode, DecodeError, Encode, Reader};
use conclave_threshold::fault::Fault;
use conclave_threshold::ot::PairSeeds;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a ceremony makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The network's BLS12-381 key.
    NetworkKey(NetworkKey),
    /// Wallet keys.
    Wallets(Wallets),
    /// Presignatures among exactly the participants.
    Presign(Presign),
}

/// Ceremonies of one sort take the place of one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Keys,
    Presignatures,
}

/// A kind as it travels.
pub(super) struct Form {
    pub code: u16,
    pub count: u32,
    pub expiry: u64,
}

/// What a protocol starts from.
pub(super) struct Run {
    pub epoch: Arc<Epoch>,
    pub me: PartyId,
    pub participants: Vec<PartyId>,
    pub sid: SessionId,
    pub signing_key: SigningKey,
    pub randomness: Randomness,
    /// With every other participant, for kinds that need them.
    pub base_transfers: BTreeMap<PartyId, PairSeeds>,
}

/// All that is particular to one kind.
pub(super) trait Particulars {
    /// Stands in session ids and in notes.
    fn name(&self) -> &'static str;

    fn form(&self) -> Form;

    fn sort(&self) -> Sort;

    /// Whether these participants can make this at all.
    fn fits(&self, epoch: &Epoch, participants: &[PartyId]) -> bool;

    /// Whether this member has use for what another proposes to make.
    fn is_wanted(&self, epoch: &Epoch, needs: &Needs) -> bool;

    fn needs_base_transfers(&self) -> bool;

    /// Starts the protocol. It computes, so this is for a job.
    fn start(&self, run: Run, workshop: &Arc<dyn Workshop>) -> Result<Started, Fault>;
}

impl Kind {
    pub(super) fn particulars(&self) -> &dyn Particulars {
        match self {
            Kind::NetworkKey(kind) => kind,
            Kind::Wallets(kind) => kind,
            Kind::Presign(kind) => kind,
        }
    }

    pub(crate) fn sort(&self) -> Sort {
        self.particulars().sort()
    }

    /// What it makes, for people.
    pub fn name(&self) -> &'static str {
        self.particulars().name()
    }
}

impl Encode for Kind {
    fn encode(&self, out: &mut Vec<u8>) {
        let Form { code, count, expiry } = self.particulars().form();
        code.encode(out);
        count.encode(out);
        expiry.encode(out);
    }
}

impl Decode for Kind {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (code, count, expiry) =
            (Decode::decode(reader)?, Decode::decode(reader)?, Decode::decode(reader)?);
        let form = Form { code, count, expiry };
        let network_key = NetworkKey::of_form(&form).map(Kind::NetworkKey);
        let wallets = || Wallets::of_form(&form).map(Kind::Wallets);
        let presign = || Presign::of_form(&form).map(Kind::Presign);
        network_key.or_else(wallets).or_else(presign).ok_or(DecodeError::NotCanonical("kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_was_written_and_nothing_else_is_one() {
        let kinds = [
            Kind::NetworkKey(NetworkKey { expiry: 7 }),
            Kind::Wallets(Wallets { count: 3, expiry: 8 }),
            Kind::Presign(Presign { size: 9 }),
        ];
        for kind in kinds {
            assert_eq!(Kind::decode_all(&kind.encoded()), Ok(kind));
        }
        for (code, count, expiry) in [(0u16, 1u32, 0u64), (1, 2, 7), (3, 9, 1), (4, 1, 0)] {
            let bytes = [code.encoded(), count.encoded(), expiry.encoded()].concat();
            assert!(Kind::decode_all(&bytes).is_err(), "{code} {count} {expiry}");
        }
    }
}
