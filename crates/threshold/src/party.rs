//! Who takes part: ids, the members of an epoch, and the threshold.

use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::transcript::{Tag, Transcript};
use core::fmt;
use core::num::NonZeroU16;
use thiserror::Error;

/// A party's number in its epoch, from 1. It is the point at which the party's shares are evaluated, so 0 cannot be built.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId(NonZeroU16);

impl PartyId {
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(PartyId)
    }

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
    pub id: PartyId,
    /// Ed25519 public key that signs the member's messages.
    pub identity: [u8; 32],
}

/// Why a list of members is no epoch, or a list of ids no set of its members.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RosterError {
    #[error("party {0} stands in the list twice, or the list is not in ascending order")]
    NotAscending(PartyId),
    #[error("party {0} is not a member of the epoch")]
    NotAMember(PartyId),
    #[error("two members share one identity key")]
    SharedIdentity,
    #[error("{size} members are outside the limits of {MIN_MEMBERS} to {MAX_MEMBERS}")]
    Size { size: usize },
    #[error("threshold {threshold} of {size} members is not above half of them")]
    Threshold { threshold: u16, size: usize },
    #[error("a set of {size} where exactly {threshold} are needed")]
    SetSize { size: usize, threshold: u16 },
}

pub const MIN_MEMBERS: usize = 2;
pub const MAX_MEMBERS: usize = 64;

/// The members of one epoch of one network. Everything that is signed or hashed is bound to [`digest`](Epoch::digest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Hash of chain id, staking contract and protocol version: two networks never share a message.
    network: [u8; 32],
    number: u64,
    members: Vec<Member>,
    threshold: u16,
}

/// The version of what members say to one another. Members of different versions are different networks.
pub const PROTOCOL_VERSION: &[u8] = b"conclave/v1";

/// The network of an [`Epoch`]: that of one staking contract on one chain.
pub fn network_hash(chain_id: u64, staking: &[u8; 20]) -> [u8; 32] {
    let transcript = Transcript::new(Tag::Network).with_number(chain_id);
    transcript.with(staking).with(PROTOCOL_VERSION).finish()
}

/// ceil(2n/3).
pub fn two_thirds(members: usize) -> u16 {
    (2 * members).div_ceil(3) as u16
}

impl Epoch {
    /// `members` in ascending order of id. `threshold` must be above half, and at most all.
    pub fn new(network: [u8; 32], number: u64, members: Vec<Member>, threshold: u16) -> Result<Self, RosterError> {
        let size = members.len();
        if !(MIN_MEMBERS..=MAX_MEMBERS).contains(&size) {
            return Err(RosterError::Size { size });
        }
        if let Some(pair) = members.windows(2).find(|pair| pair[0].id >= pair[1].id) {
            return Err(RosterError::NotAscending(pair[1].id));
        }
        let mut identities: Vec<_> = members.iter().map(|member| member.identity).collect();
        identities.sort_unstable();
        identities.dedup();
        if identities.len() != size {
            return Err(RosterError::SharedIdentity);
        }
        if usize::from(threshold) * 2 <= size || usize::from(threshold) > size {
            return Err(RosterError::Threshold { threshold, size });
        }
        Ok(Epoch { network, number, members, threshold })
    }

    pub fn network(&self) -> &[u8; 32] {
        &self.network
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn ids(&self) -> Vec<PartyId> {
        self.members.iter().map(|member| member.id).collect()
    }

    pub fn identity(&self, id: PartyId) -> Option<&[u8; 32]> {
        self.members.iter().find(|member| member.id == id).map(|member| &member.identity)
    }

    pub fn digest(&self) -> [u8; 32] {
        let mut transcript = Transcript::new(Tag::Epoch).with(&self.network).with_number(self.number);
        transcript.append_number(u64::from(self.threshold));
        for member in &self.members {
            transcript.append_number(u64::from(member.id.number())).append(&member.identity);
        }
        transcript.finish()
    }

    /// Checks that `ids` ascend and are members.
    pub fn subset(&self, ids: &[PartyId]) -> Result<(), RosterError> {
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(RosterError::NotAscending(pair[1]));
        }
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
