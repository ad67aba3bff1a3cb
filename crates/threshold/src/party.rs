//! Who takes part: ids, the members of an epoch, and the threshold.

use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::ids::EpochDigest;
use crate::transcript::{Tag, Transcript};
use core::fmt;
use core::num::NonZeroU16;
use thiserror::Error;

/// A party's number, from 1. It is the point at which the party's shares are evaluated, so 0 cannot
/// be built, and it says nothing of the party's place among the members.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId(NonZeroU16);

impl PartyId {
    /// `None` for 0.
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(PartyId)
    }

    /// The number itself, from 1.
    pub fn number(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "party {}", self.0)
    }
}

impl Encode for PartyId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.number().encode(out);
    }
}

impl Decode for PartyId {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        PartyId::new(u16::decode(reader)?).ok_or(DecodeError::NotCanonical("party id"))
    }
}

/// One member of an epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its point of every polynomial.
    pub id: PartyId,
    /// Ed25519 public key that signs the member's messages.
    pub identity: [u8; 32],
}

/// Why a list of members is no epoch, or a list of ids no set of its members.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RosterError {
    /// Sort the list, and leave repeats out.
    #[error("party {0} stands in the list twice, or the list is not in ascending order")]
    NotAscending(PartyId),
    /// The id of a stranger.
    #[error("party {0} is not a member of the epoch")]
    NotAMember(PartyId),
    /// One key would sign for two.
    #[error("two members share one identity key")]
    SharedIdentity,
    /// Too few or too many members.
    #[error("{size} members are outside the limits of {MIN_MEMBERS} to {MAX_MEMBERS}")]
    Size {
        /// How many there are.
        size: usize,
    },
    /// The threshold is outside its limits.
    #[error("threshold {threshold} of {size} members is below two thirds of them, or above all")]
    Threshold {
        /// What was proposed.
        threshold: u16,
        /// How many members there are.
        size: usize,
    },
    /// A signing set is neither larger nor smaller than the threshold.
    #[error("a set of {size} where exactly {threshold} are needed")]
    SetSize {
        /// How many ids there are.
        size: usize,
        /// How many sign.
        threshold: u16,
    },
}

/// A key of one holder needs no protocol.
pub const MIN_MEMBERS: usize = 2;
/// What the limits of messages are computed for.
pub const MAX_MEMBERS: usize = 64;

/// The members of one epoch of one network. Everything that is signed or hashed is bound to
/// [`digest`](Epoch::digest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Hash of chain id, staking contract and protocol version: two networks never share a message.
    network: [u8; 32],
    number: u64,
    members: Vec<Member>,
    threshold: u16,
}

/// The version of what members say to one another. Members of different versions are different
/// networks.
pub const PROTOCOL_VERSION: &[u8] = b"conclave/v2";

/// The network of an [`Epoch`]: that of one staking contract on one chain.
pub fn network_hash(chain_id: u64, staking: &[u8; 20]) -> [u8; 32] {
    let transcript = Transcript::new(Tag::Network).with_number(chain_id);
    transcript.with(staking).with(PROTOCOL_VERSION).finish()
}

/// ceil(2n/3): the least threshold of so many members.
pub fn two_thirds(members: usize) -> u16 {
    (2 * members).div_ceil(3) as u16
}

/// Names the first id that is not above the one before it.
fn ascending(mut ids: impl Iterator<Item = PartyId>) -> Result<(), RosterError> {
    let mut last = None;
    let out_of_order = ids.find(|id| last.replace(*id).is_some_and(|last| last >= *id));
    out_of_order.map_or(Ok(()), |id| Err(RosterError::NotAscending(id)))
}

impl Epoch {
    /// `members` in ascending order of id: ids come and go with their members, so they may have
    /// gaps. `threshold` is at least [`two_thirds`] of the members, and at most all.
    ///
    /// # Errors
    /// What is wrong with the list or the threshold. A retry with the same input fails again.
    pub fn new(
        network: [u8; 32],
        number: u64,
        members: Vec<Member>,
        threshold: u16,
    ) -> Result<Self, RosterError> {
        let size = members.len();
        if !(MIN_MEMBERS..=MAX_MEMBERS).contains(&size) {
            return Err(RosterError::Size { size });
        }
        ascending(members.iter().map(|member| member.id))?;
        let mut identities: Vec<_> = members.iter().map(|member| member.identity).collect();
        identities.sort_unstable();
        identities.dedup();
        if identities.len() != size {
            return Err(RosterError::SharedIdentity);
        }
        if threshold < two_thirds(size) || usize::from(threshold) > size {
            return Err(RosterError::Threshold { threshold, size });
        }
        Ok(Epoch { network, number, members, threshold })
    }

    /// The [`network_hash`].
    pub fn network(&self) -> &[u8; 32] {
        &self.network
    }

    /// Epochs of one network ascend.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many shares sign.
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// In ascending order of id.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// In ascending order.
    pub fn ids(&self) -> Vec<PartyId> {
        self.members.iter().map(|member| member.id).collect()
    }

    /// The Ed25519 key of a member; `None` for a stranger.
    pub fn identity(&self, id: PartyId) -> Option<&[u8; 32]> {
        self.members.iter().find(|member| member.id == id).map(|member| &member.identity)
    }

    /// Hash of network, number, threshold and members.
    pub fn digest(&self) -> EpochDigest {
        let mut transcript =
            Transcript::new(Tag::Epoch).with(&self.network).with_number(self.number);
        transcript.append_number(u64::from(self.threshold));
        for member in &self.members {
            transcript.append_number(u64::from(member.id.number())).append(&member.identity);
        }
        EpochDigest::new(transcript.finish())
    }

    /// Checks that `ids` ascend and are members.
    pub fn subset(&self, ids: &[PartyId]) -> Result<(), RosterError> {
        ascending(ids.iter().copied())?;
        match ids.iter().find(|id| self.identity(**id).is_none()) {
            Some(stranger) => Err(RosterError::NotAMember(*stranger)),
            None => Ok(()),
        }
    }

    /// [`subset`](Self::subset) of exactly the threshold's size: a signing set.
    pub fn signing_set(&self, ids: &[PartyId]) -> Result<(), RosterError> {
        self.subset(ids)?;
        if ids.len() != usize::from(self.threshold) {
            return Err(RosterError::SetSize { size: ids.len(), threshold: self.threshold });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn members(numbers: impl IntoIterator<Item = u16>) -> Vec<Member> {
        numbers
            .into_iter()
            .map(|number| Member { id: party(number), identity: [number as u8; 32] })
            .collect()
    }

    fn epoch() -> Epoch {
        Epoch::new([7; 32], 5, members([2, 4, 9]), 2).unwrap()
    }

    #[test]
    fn an_id_is_two_bytes_and_never_zero() {
        assert_eq!(party(0x0102).encoded(), [1, 2]);
        assert_eq!(PartyId::decode_all(&[1, 2]), Ok(party(0x0102)));
        assert_eq!(PartyId::decode_all(&[0, 0]), Err(DecodeError::NotCanonical("party id")));
        assert_eq!(
            (PartyId::new(0), party(1).number(), party(u16::MAX).number()),
            (None, 1, u16::MAX)
        );
    }

    #[test]
    fn an_epoch_tells_what_it_was_made_of() {
        let epoch = epoch();
        assert_eq!((epoch.network(), epoch.number(), epoch.threshold()), (&[7; 32], 5, 2));
        assert_eq!(
            (epoch.members(), epoch.ids()),
            (&members([2, 4, 9])[..], vec![party(2), party(4), party(9)])
        );
        assert_eq!((epoch.identity(party(4)), epoch.identity(party(3))), (Some(&[4; 32]), None));
    }

    #[test]
    fn an_epochs_limits_hold_on_both_sides() {
        let size = |count: usize| {
            Epoch::new([0; 32], 0, members(1..=count as u16), count as u16)
                .map(|epoch| epoch.ids().len())
        };
        assert_eq!(size(MIN_MEMBERS - 1), Err(RosterError::Size { size: MIN_MEMBERS - 1 }));
        assert_eq!((size(MIN_MEMBERS), size(MAX_MEMBERS)), (Ok(MIN_MEMBERS), Ok(MAX_MEMBERS)));
        assert_eq!(size(MAX_MEMBERS + 1), Err(RosterError::Size { size: MAX_MEMBERS + 1 }));
        for members_and_bounds in [(2, 2, 2), (3, 2, 3), (4, 3, 4), (5, 4, 5), (64, 43, 64)] {
            let (size, least, most) = members_and_bounds;
            let accepts = |threshold| Epoch::new([0; 32], 0, members(1..=size), threshold).is_ok();
            assert_eq!(
                (0..=size + 2).filter(|threshold| accepts(*threshold)).collect::<Vec<_>>(),
                (least..=most).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn members_ascend_and_share_no_identity() {
        let new = |members| Epoch::new([0; 32], 0, members, 2).map(|_| ());
        assert_eq!(new(members([1, 3, 2])), Err(RosterError::NotAscending(party(2))));
        assert_eq!(new(members([1, 2, 2])), Err(RosterError::NotAscending(party(2))));
        let mut twins = members([1, 2, 3]);
        twins[2].identity = twins[0].identity;
        assert_eq!(new(twins), Err(RosterError::SharedIdentity));
    }

    #[test]
    fn a_signing_set_ascends_is_of_members_and_of_the_thresholds_size() {
        let check = |numbers: &[u16]| {
            epoch().signing_set(&numbers.iter().copied().map(party).collect::<Vec<_>>())
        };
        assert_eq!((check(&[2, 4]), check(&[2, 9])), (Ok(()), Ok(())));
        assert_eq!(check(&[2]), Err(RosterError::SetSize { size: 1, threshold: 2 }));
        assert_eq!(check(&[2, 4, 9]), Err(RosterError::SetSize { size: 3, threshold: 2 }));
        assert_eq!(check(&[4, 2]), Err(RosterError::NotAscending(party(2))));
        assert_eq!(check(&[2, 2]), Err(RosterError::NotAscending(party(2))));
        assert_eq!(check(&[2, 3]), Err(RosterError::NotAMember(party(3))));
        assert_eq!(epoch().subset(&[]), Ok(()));
    }

    #[test]
    fn every_part_of_an_epoch_counts_in_its_digest() {
        let mut other_identity = members([2, 4, 9]);
        other_identity[1].identity[31] ^= 1;
        let others = [
            Epoch::new([8; 32], 5, members([2, 4, 9]), 2),
            Epoch::new([7; 32], 6, members([2, 4, 9]), 2),
            Epoch::new([7; 32], 5, members([2, 4, 8]), 2),
            Epoch::new([7; 32], 5, members([2, 4]), 2),
            Epoch::new([7; 32], 5, members([2, 4, 9]), 3),
            Epoch::new([7; 32], 5, other_identity, 2),
        ];
        let mut digests: Vec<_> = others.into_iter().map(|other| other.unwrap().digest()).collect();
        digests.push(epoch().digest());
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 7);
        assert_eq!(epoch().digest(), epoch().digest());
    }

    #[test]
    fn a_network_is_one_contract_on_one_chain() {
        let base = network_hash(1, &[2; 20]);
        assert!(base != network_hash(2, &[2; 20]) && base != network_hash(1, &[3; 20]));
        let expected = Transcript::new(Tag::Network)
            .with_number(1)
            .with(&[2; 20])
            .with(PROTOCOL_VERSION)
            .finish();
        assert_eq!(base, expected);
    }

    #[test]
    fn two_thirds_are_rounded_up() {
        let expected =
            [(2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7), (16, 11), (64, 43)];
        assert!(expected.iter().all(|(members, threshold)| two_thirds(*members) == *threshold));
    }
}
