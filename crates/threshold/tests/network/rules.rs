//! What must hold whatever happens.

use crate::links::{Packet, Slot};
use conclave_threshold::codec::Decode;
use conclave_threshold::dkg;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::{Curve, Secp256k1, lagrange_at};
use conclave_threshold::message::{SessionId, To};
use conclave_threshold::party::{Epoch, PartyId};
use k256::Scalar;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that honest parties ever did that cannot be taken back, crashes or not.
#[derive(Default)]
pub struct Ledger {
    uses: BTreeMap<Slot, BTreeMap<PartyId, Vec<u8>>>,
    certified: BTreeMap<SessionId, [u8; 32]>,
    roots: BTreeMap<SessionId, [u8; 32]>,
    signatures: BTreeMap<Slot, [u8; 32]>,
    nonces: BTreeSet<[u8; 32]>,
    pub faults: Vec<(PartyId, Fault)>,
}

impl Ledger {
    /// An honest party gave a share.
    pub fn share(&mut self, slot: Slot, party: PartyId, use_bytes: &[u8]) {
        let uses = self.uses.entry(slot).or_default();
        let before = uses.insert(party, use_bytes.to_vec());
        assert!(before.is_none_or(|before| before == use_bytes), "{party} gave shares of index {} for two uses", slot.1);
        assert!(uses.values().all(|other| other == use_bytes), "honest shares of index {} are for two uses", slot.1);
    }

    /// An honest party holds a certificate of a key generation.
    pub fn certificate(&mut self, session: SessionId, transcript: [u8; 32]) {
        let first = *self.certified.entry(session).or_insert(transcript);
        assert_eq!(first, transcript, "two public keys from one ceremony");
    }

    pub fn is_certified(&self, session: &SessionId, transcript: &[u8; 32]) -> bool {
        self.certified.get(session) == Some(transcript)
    }

    /// An honest party holds a batch.
    pub fn root(&mut self, session: SessionId, root: [u8; 32]) {
        let first = *self.roots.entry(session).or_insert(root);
        assert_eq!(first, root, "two roots of one batch");
    }

    /// The client has a signature: `r` of it, and what it signs.
    pub fn signature(&mut self, slot: Slot, digest: [u8; 32], r: [u8; 32]) {
        assert!(self.signatures.insert(slot, digest).is_none(), "two signatures from one presignature");
        assert!(self.nonces.insert(r), "two signatures with one nonce");
    }

    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// No honest party can show anything against another honest one. Where nobody lies there is nothing at all to hold against anybody.
    pub fn check_blame(&self, corrupt: &BTreeSet<PartyId>) {
        for (id, fault) in self.faults.iter().filter(|(id, _)| !corrupt.contains(id)) {
            let blamed = fault.culprit();
            assert!(blamed.is_none_or(|party| corrupt.contains(&party)), "{id} blames an honest party: {fault}");
            let pair = matches!(fault, Fault::Pairwise { peer, .. } if !corrupt.contains(peer));
            assert!(!pair, "{id} fails with an honest party: {fault}");
            assert!(!corrupt.is_empty() || !fault.is_fatal() || matches!(fault, Fault::Misuse(_)), "{id} aborts: {fault}");
        }
    }
}

/// One key that came out of a ceremony.
pub struct MadeKey {
    pub session: SessionId,
    pub participants: Vec<PartyId>,
    pub public_key: [u8; 33],
}

/// What nobody in a coalition knows: an honest dealer's coefficient, or an honest member's mask `b_i` of one presignature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unknown {
    Coefficient(SessionId, PartyId, usize),
    Mask(SessionId, u32, PartyId),
}

type Equation = BTreeMap<Unknown, Scalar>;

/// What a coalition was told, as linear equations over what it does not know: shares, and `delta_i`, each of which says something of a
/// key and brings one unknown of its own. Had a mask served twice, the two together would say too much.
pub struct View<'a> {
    pub epoch: &'a Epoch,
    pub coalition: &'a BTreeSet<PartyId>,
    pub keys: &'a [MadeKey],
}

impl View<'_> {
    /// Which of the keys `seen` decides; when it also holds the shares of `another` party.
    pub fn decided_by(&self, seen: &[Packet], another: Option<PartyId>) -> Vec<bool> {
        let mut known = seen.iter().filter_map(|packet| self.equation(packet)).collect::<Vec<_>>();
        for key in self.keys.iter() {
            let shares = |to| self.honest(key).map(move |dealer| self.share(key, dealer, to));
            known.extend(another.into_iter().flat_map(shares));
        }
        let target = |key: &MadeKey| {
            self.honest(key).map(|dealer| (Unknown::Coefficient(key.session, dealer, 0), Scalar::ONE)).collect::<Equation>()
        };
        let basis = basis_of(known);
        self.keys.iter().map(|key| reduced(target(key), &basis).is_empty()).collect()
    }

    fn honest<'a>(&'a self, key: &'a MadeKey) -> impl Iterator<Item = PartyId> + 'a {
        key.participants.iter().copied().filter(|id| !self.coalition.contains(id))
    }

    /// `dealer`'s point for `to`, in its coefficients.
    fn share(&self, key: &MadeKey, dealer: PartyId, to: PartyId) -> Equation {
        let at = Secp256k1::scalar(u64::from(to.number()));
        let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(*power * at));
        let coefficients = (0..usize::from(self.epoch.threshold())).map(|at| Unknown::Coefficient(key.session, dealer, at));
        coefficients.zip(powers).collect()
    }

    /// What an honest party's message says.
    fn equation(&self, packet: &Packet) -> Option<Equation> {
        match packet {
            Packet::Ceremony(envelope) => {
                let key = self.keys.iter().find(|key| key.session == envelope.sid)?;
                let To::One(to) = envelope.to else { return None };
                let shares = dkg::Shares::<Secp256k1>::decode_all(&envelope.body.0).expect("an honest dealer's shares");
                assert_eq!(shares.shares.len(), 1);
                Some(self.share(key, envelope.from, to))
            }
            Packet::Bind(message) if !self.coalition.contains(&message.from) => {
                let assignment = &message.assignment.assignment;
                let key = self.keys.iter().find(|key| key.public_key == assignment.public_key)?;
                let ids: Vec<_> = assignment.set.iter().map(|id| u64::from(id.number())).collect();
                let lambda = lagrange_at::<Secp256k1>(u64::from(message.from.number()), &ids, 0)?;
                let shares = self.honest(key).flat_map(|dealer| self.share(key, dealer, message.from));
                let mut equation: Equation = shares.map(|(unknown, factor)| (unknown, lambda * factor)).collect();
                equation.insert(Unknown::Mask(assignment.sid, assignment.index, message.from), -Scalar::ONE);
                Some(equation)
            }
            _ => None,
        }
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
        let Some(&factor) = equation.get(first).filter(|factor| **factor != Scalar::ZERO) else { continue };
        for (unknown, value) in known {
            *equation.entry(*unknown).or_default() -= factor * value;
        }
    }
    equation.retain(|_, factor| *factor != Scalar::ZERO);
    equation
}
