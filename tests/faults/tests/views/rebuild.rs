//! Attempts of a coalition to make a key from all that its members have seen.

use crate::network::Network;
use conclave_threshold::codec::Decode;
use conclave_threshold::group::{Secp256k1, lagrange_at};
use conclave_threshold::party::PartyId;
use k256::Scalar;
use std::collections::{BTreeSet, HashSet};

/// How a key was rebuilt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// It, or its negation, was there.
    Direct,
    /// It is a sum or difference of two scalars, or of their negations.
    Pair,
    /// A scalar that was there is the one share, or its addend, that the members lack.
    OneMoreShare,
    /// The members' own shares suffice.
    Shares,
}

/// The members together. Their scalars are all windows of 32 bytes in all that they have seen,
/// wherever they begin.
pub struct Coalition<'a> {
    network: &'a Network,
    members: Vec<PartyId>,
    /// Everything that two members have seen stands here once.
    bodies: BTreeSet<&'a [u8]>,
    own: Vec<[u8; 32]>,
    /// The first eight bytes of each scalar, which nearly always decide alone.
    beginnings: HashSet<u64>,
}

fn beginning(bytes: &[u8]) -> u64 {
    bytes[..8].iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

impl<'a> Coalition<'a> {
    pub fn new(network: &'a Network, members: &[PartyId]) -> Self {
        let bodies: BTreeSet<&[u8]> = members
            .iter()
            .flat_map(|id| network.views[id].bodies.iter().map(Vec::as_slice))
            .collect();
        let own: Vec<[u8; 32]> = members
            .iter()
            .flat_map(|id| network.shares[id].iter().map(|share| share.share().0.to_bytes().into()))
            .collect();
        let windows = bodies.iter().flat_map(|body| body.windows(32));
        let beginnings =
            windows.chain(own.iter().map(|share| share.as_slice())).map(beginning).collect();
        Coalition { network, members: members.to_vec(), bodies, own, beginnings }
    }

    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.bodies
            .iter()
            .flat_map(|body| body.windows(32))
            .chain(self.own.iter().map(|share| share.as_slice()))
    }

    /// How many windows it looks at.
    pub fn windows(&self) -> usize {
        self.all().count()
    }

    /// Whether the scalar or its negation is among those that were seen.
    fn has(&self, scalar: Scalar) -> bool {
        [scalar, -scalar].iter().any(|scalar| {
            let bytes = scalar.to_bytes();
            self.beginnings.contains(&beginning(&bytes))
                && self.all().any(|window| window == bytes.as_slice())
        })
    }

    /// The first way in which the members come to the key, if there is one.
    pub fn rebuild(&self, key: usize) -> Option<Way> {
        let secret = self.network.key(key);
        let threshold = usize::from(self.network.epoch.threshold());
        if self.members.len() >= threshold
            && self.interpolate(&self.members[..threshold], key, None) == secret
        {
            return Some(Way::Shares);
        }
        if self.has(secret) {
            return Some(Way::Direct);
        }
        if self.lacks_one_share(key, secret) {
            return Some(Way::OneMoreShare);
        }
        // With negations, `a + b`, `a - b`, `b - a` and `-a - b` are all of these.
        let partner = |scalar: Scalar| self.has(secret - scalar) || self.has(secret + scalar);
        let mut scalars = self.all().filter_map(|window| Scalar::decode_all(window).ok());
        scalars.any(partner).then_some(Way::Pair)
    }

    /// The members' part of the value at 0 of the polynomial through their shares and, with
    /// `other`, that party's.
    fn interpolate(&self, members: &[PartyId], key: usize, other: Option<PartyId>) -> Scalar {
        let ids: Vec<u64> = members.iter().chain(&other).map(|id| u64::from(id.number())).collect();
        let addend = |id: &PartyId| weight(*id, &ids) * self.network.share(*id, key);
        members.iter().map(addend).sum()
    }

    /// Whether something that was seen completes the members' shares, at whichever of the other
    /// parties' places.
    fn lacks_one_share(&self, key: usize, secret: Scalar) -> bool {
        let others = self.network.epoch.ids().into_iter().filter(|id| !self.members.contains(id));
        others.into_iter().any(|other| {
            let ids: Vec<u64> =
                self.members.iter().chain([&other]).map(|id| u64::from(id.number())).collect();
            let missing = secret - self.interpolate(&self.members, key, Some(other));
            self.has(missing) || self.has(missing * weight(other, &ids).invert().unwrap())
        }) || self.has(secret - self.interpolate(&self.members, key, None))
    }
}

fn weight(id: PartyId, ids: &[u64]) -> Scalar {
    lagrange_at::<Secp256k1>(u64::from(id.number()), ids, 0).unwrap()
}
