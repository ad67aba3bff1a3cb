//! What a coalition of corrupt parties was told of the keys, in every ceremony and every epoch:
//! whether it decides one.
//!
//! Everything that honest parties sent them is a linear equation over what they do not know: the
//! honest dealers' coefficients, the honest masks `b_i`, the honest helpers' addends. A key is
//! decided when it is a linear combination of the equations.

use crate::links::Packet;
use conclave_threshold::codec::Decode;
use conclave_threshold::dkg::Shares;
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::group::{Curve, Secp256k1, lagrange_at};
use conclave_threshold::ids::EpochDigest;
use conclave_threshold::party::PartyId;
use conclave_threshold::session::SessionId;
use k256::{ProjectivePoint, Scalar};
use std::collections::{BTreeMap, BTreeSet};

/// One key, and the vector that its shares are checked against in the present epoch.
pub struct MadeKey {
    pub session: SessionId,
    pub participants: Vec<PartyId>,
    pub public_key: [u8; 33],
    pub vector: Vec<ProjectivePoint>,
    /// Which sharing made the present shares.
    pub sharing: SessionId,
}

/// A session in which dealers shared something in polynomials of so many coefficients: the key of a
/// key generation, or what they hold of each key by an earlier sharing.
pub struct Sharing {
    pub dealers: Vec<PartyId>,
    pub coefficients: usize,
    /// For each key of the batch; none for a key generation.
    pub parents: Vec<SessionId>,
}

/// A session in which helpers gave a target its shares back.
pub struct Repair {
    pub target: PartyId,
    pub helpers: Vec<PartyId>,
    /// For each key of the batch.
    pub sharings: Vec<SessionId>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unknown {
    Coefficient { sharing: SessionId, key: usize, dealer: PartyId, at: usize },
    Mask { batch: SessionId, index: u32, member: PartyId },
    Addend { repair: SessionId, key: usize, from: PartyId, to: PartyId },
}

type Equation = BTreeMap<Unknown, Scalar>;

fn add(sum: &mut Equation, factor: Scalar, other: Equation) {
    for (unknown, value) in other {
        *sum.entry(unknown).or_default() += factor * value;
    }
}

fn weight(id: PartyId, set: &[PartyId], at: u64) -> Scalar {
    let ids: Vec<_> = set.iter().map(|id| u64::from(id.number())).collect();
    lagrange_at::<Secp256k1>(u64::from(id.number()), &ids, at).expect("of the set")
}

pub struct View<'a> {
    pub coalition: &'a BTreeSet<PartyId>,
    pub keys: &'a [MadeKey],
    pub sharings: &'a BTreeMap<SessionId, Sharing>,
    pub repairs: &'a BTreeMap<SessionId, Repair>,
    /// For each epoch, by its digest, the sharings of the keys in it.
    pub epochs: &'a BTreeMap<EpochDigest, Vec<SessionId>>,
}

impl View<'_> {
    /// Which of the keys `seen` decides; when it also holds what `another` party was dealt when
    /// they were made.
    pub fn decided_by(&self, seen: &[Packet], another: Option<PartyId>) -> Vec<bool> {
        let mut known: Vec<_> = seen.iter().flat_map(|packet| self.equations(packet)).collect();
        for key in self.keys {
            let dealers = self.sharings[&key.session]
                .dealers
                .iter()
                .filter(|id| !self.coalition.contains(id));
            let points = |to: PartyId| {
                dealers.clone().map(move |dealer| self.point(key.session, 0, *dealer, to))
            };
            known.extend(another.into_iter().flat_map(points));
        }
        let secret = |key: &MadeKey| {
            let dealers = key.participants.iter().filter(|id| !self.coalition.contains(id));
            let constant = |dealer: &PartyId| Unknown::Coefficient {
                sharing: key.session,
                key: 0,
                dealer: *dealer,
                at: 0,
            };
            dealers.map(|dealer| (constant(dealer), Scalar::ONE)).collect::<Equation>()
        };
        let basis = basis_of(known);
        self.keys.iter().map(|key| reduced(secret(key), &basis).is_empty()).collect()
    }

    /// An honest dealer's polynomial at a party's id.
    fn point(&self, sharing: SessionId, key: usize, dealer: PartyId, to: PartyId) -> Equation {
        let Sharing { dealers, coefficients, parents } = &self.sharings[&sharing];
        let at = Secp256k1::scalar(u64::from(to.number()));
        let powers =
            std::iter::successors(Some(Scalar::ONE), |power| Some(*power * at)).take(*coefficients);
        let unknown = |at| Unknown::Coefficient { sharing, key, dealer, at };
        let mut equation: Equation =
            powers.enumerate().map(|(at, power)| (unknown(at), power)).collect();
        if let Some(parent) = parents.get(key) {
            // Its constant term is its addend of the key.
            equation.remove(&unknown(0));
            add(&mut equation, weight(dealer, dealers, 0), self.share(*parent, key, dealer));
        }
        equation
    }

    /// A party's share, but for what corrupt dealers dealt.
    fn share(&self, sharing: SessionId, key: usize, party: PartyId) -> Equation {
        let mut sum = Equation::new();
        let batch = if self.sharings[&sharing].parents.is_empty() { 0 } else { key };
        for dealer in
            self.sharings[&sharing].dealers.iter().filter(|id| !self.coalition.contains(id))
        {
            add(&mut sum, Scalar::ONE, self.point(sharing, batch, *dealer, party));
        }
        sum
    }

    /// What an honest party's packet says.
    fn equations(&self, packet: &Packet) -> Vec<Equation> {
        match packet {
            Packet::Ceremony(envelope) => self.told_in_ceremony(envelope),
            Packet::Bind(message) if !self.coalition.contains(&message.from) => {
                let assignment = &message.assignment.assignment;
                let key = self.keys.iter().position(|key| key.public_key == assignment.public_key);
                let (Some(key), Some(sharings)) = (key, self.epochs.get(&assignment.epoch)) else {
                    return Vec::new();
                };
                let mut equation = Equation::new();
                let lambda = weight(message.from, &assignment.set, 0);
                add(&mut equation, lambda, self.share(sharings[key], key, message.from));
                let mask = Unknown::Mask {
                    batch: assignment.sid,
                    index: assignment.index,
                    member: message.from,
                };
                equation.insert(mask, -Scalar::ONE);
                vec![equation]
            }
            _ => Vec::new(),
        }
    }

    fn told_in_ceremony(&self, envelope: &Envelope) -> Vec<Equation> {
        let (To::One(to), sid, from) = (envelope.to, envelope.sid, envelope.from) else {
            return Vec::new();
        };
        if let Some(sharing) = self.sharings.get(&sid) {
            let shares = Shares::<Secp256k1>::decode_all(&envelope.body.0)
                .expect("an honest dealer's shares");
            assert_eq!(shares.shares.len(), sharing.parents.len().max(1));
            return (0..shares.shares.len()).map(|key| self.point(sid, key, from, to)).collect();
        }
        let Some(Repair { target, helpers, sharings }) = self.repairs.get(&sid) else {
            return Vec::new();
        };
        let addend = |key, from: PartyId, to: PartyId| {
            (Unknown::Addend { repair: sid, key, from, to }, Scalar::ONE)
        };
        let told = |(key, sharing): (usize, &SessionId)| {
            if to != *target {
                return Equation::from([addend(key, from, to)]);
            }
            // The sum of all that this helper was given; what it kept is what it had less what it
            // gave.
            let others = || helpers.iter().filter(|id| **id != from);
            let mut sum: Equation = others()
                .filter(|id| !self.coalition.contains(id))
                .map(|id| addend(key, *id, from))
                .collect();
            add(
                &mut sum,
                weight(from, helpers, u64::from(target.number())),
                self.share(*sharing, key, from),
            );
            others().for_each(|id| {
                add(&mut sum, -Scalar::ONE, Equation::from([addend(key, from, *id)]))
            });
            sum
        };
        sharings.iter().enumerate().map(told).collect()
    }
}

/// Equations each of which begins, with factor 1, where no other does.
fn basis_of(known: Vec<Equation>) -> BTreeMap<Unknown, Equation> {
    let mut basis = BTreeMap::new();
    for equation in known {
        let mut equation = reduced(equation, &basis);
        let Some((&first, factor)) = equation.first_key_value() else { continue };
        let inverse = factor.invert().expect("not zero");
        equation.values_mut().for_each(|factor| *factor *= inverse);
        basis.insert(first, equation);
    }
    basis
}

/// What of `equation` does not follow from `basis`.
fn reduced(mut equation: Equation, basis: &BTreeMap<Unknown, Equation>) -> Equation {
    for (first, known) in basis {
        let Some(&factor) = equation.get(first).filter(|factor| **factor != Scalar::ZERO) else {
            continue;
        };
        add(&mut equation, -factor, known.clone());
    }
    equation.retain(|_, factor| *factor != Scalar::ZERO);
    equation
}
