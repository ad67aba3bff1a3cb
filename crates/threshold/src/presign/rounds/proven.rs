//! After round 3 is sent: the products are published.

use super::multiplied::{Remainder, Sums};
use super::provable;
use super::signed::Signed;
use crate::envelope::Envelope;
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1, Uncompressed};
use crate::machine::Inbox;
use crate::party::PartyId;
use crate::presign::Frame;
use crate::presign::fold::Fold;
use crate::presign::messages::{Opening, Products};
use crate::presignature::{Leaf, LeafParty};
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;

pub(crate) struct Proven {
    pub remainders: Vec<Remainder>,
    /// Everybody's, this party's own included.
    pub openings: BTreeMap<PartyId, Opening>,
    pub sums: Vec<Sums>,
    /// This party's own.
    pub message: Products,
}

impl Proven {
    /// Round 4: checks what was published, and signs the root over it.
    pub(crate) fn sign(
        self,
        frame: &Frame,
        inbox: &mut Inbox,
        messages: &mut Vec<Envelope>,
    ) -> Result<Signed, Fault> {
        let mut products: BTreeMap<_, Products> = inbox.broadcasts(3)?;
        for (id, message) in &products {
            let whole = [&message.fh, &message.wh, &message.proof_commitments]
                .into_iter()
                .all(|points| frame.is_whole(points));
            let whole =
                whole && frame.is_whole(&message.u) && frame.is_whole(&message.proof_responses);
            provable(whole, *id, "products form")?;
        }
        // A proof is over the sum of all R_i. Who was shown another R_i than the prover would blame
        // it for a proof that is right.
        if products.values().any(|message| message.openings != self.message.openings) {
            return Err(Fault::Joint { check: "one set of openings" });
        }
        self.check_proofs(frame, &products)?;
        products.insert(frame.me, self.message.clone());
        self.check_sums(frame, &products)?;
        let leaves = (0..frame.size).map(|index| leaf(index, &self.openings, &products));
        let leaves = leaves
            .collect::<Option<Vec<_>>>()
            .ok_or(Fault::Misuse("a list is shorter than its message"))?;
        let (signed, message) = Signed::new(frame, leaves, self.remainders)?;
        messages.push(frame.to_all(4, &message));
        Ok(signed)
    }

    /// All peers' proofs of all indices at once; one by one when that fails, to name who gave the
    /// false one.
    fn check_proofs(
        &self,
        frame: &Frame,
        products: &BTreeMap<PartyId, Products>,
    ) -> Result<(), Fault> {
        let mut randomness = frame.coefficients(b"proofs", None);
        let mut fold = Fold::public();
        for (at, Sums { r, .. }) in self.sums.iter().enumerate() {
            let mut responses = Scalar::ZERO;
            for (id, message) in products {
                let statement = message.statement(frame, &self.sums, *id, at);
                let (Some((statement, commitment)), Some(response)) =
                    (statement, message.proof_responses.get(at))
                else {
                    continue;
                };
                let coefficient = Secp256k1::random_coefficient(&mut randomness);
                responses += coefficient * response;
                // The negated point keeps the coefficient short.
                fold.add(-*commitment, coefficient);
                fold.add(statement.fh, -(coefficient * statement.challenge(commitment)));
            }
            fold.add(r, responses);
        }
        if Secp256k1::is_identity(&fold.finish()) {
            return Ok(());
        }
        for (id, message) in products {
            for (at, response) in message.proof_responses.iter().enumerate() {
                let statement = message.statement(frame, &self.sums, *id, at);
                let holds = statement
                    .is_some_and(|(statement, commitment)| statement.verify(commitment, response));
                provable(holds, *id, "proof of knowledge")?;
            }
        }
        Err(Fault::Joint { check: "proofs of knowledge" })
    }

    /// `u = sum u_i` is not zero, `sum Fh_i = u G` and `sum Wh_i = u B`.
    fn check_sums(
        &self,
        frame: &Frame,
        products: &BTreeMap<PartyId, Products>,
    ) -> Result<(), Fault> {
        let total =
            |at: usize| products.values().filter_map(|message| message.u.get(at)).sum::<Scalar>();
        let points = |at: usize, list: fn(&Products) -> &[Uncompressed<AffinePoint>]| {
            products
                .values()
                .filter_map(|message| list(message).get(at))
                .fold(ProjectivePoint::IDENTITY, |sum, point| sum + point.0)
        };
        let mut randomness = frame.coefficients(b"sums", None);
        let (mut fh, mut wh, mut u_in_fh) = (Fold::public(), Fold::public(), Scalar::ZERO);
        for (at, Sums { b, .. }) in self.sums.iter().enumerate() {
            let u = total(at);
            if bool::from(u.is_zero()) {
                return Err(Fault::Joint { check: "sum of u" });
            }
            let [first, second] = [(); 2].map(|()| Secp256k1::random_coefficient(&mut randomness));
            fh.add(points(at, |message| &message.fh), first);
            u_in_fh -= first * u;
            wh.add(points(at, |message| &message.wh), second);
            wh.add(b, -(second * u));
        }
        fh.add(ProjectivePoint::GENERATOR, u_in_fh);
        for (fold, check) in [(fh, "sum of Fh"), (wh, "sum of Wh")] {
            if !Secp256k1::is_identity(&fold.finish()) {
                return Err(Fault::Joint { check });
            }
        }
        Ok(())
    }
}

/// `None` when a list is too short.
fn leaf(
    index: u32,
    openings: &BTreeMap<PartyId, Opening>,
    products: &BTreeMap<PartyId, Products>,
) -> Option<Leaf> {
    let at = index as usize;
    let parties = openings.iter().map(|(id, opening)| {
        let message = products.get(id)?;
        Some(LeafParty {
            id: *id,
            r: opening.r.get(at)?.0,
            b: opening.b.get(at)?.0,
            entropy_commitment: *opening.entropy_commitments.get(at)?,
            u: *message.u.get(at)?,
            fh: message.fh.get(at)?.0,
            wh: message.wh.get(at)?.0,
        })
    });
    Some(Leaf { index, parties: parties.collect::<Option<_>>()? })
}
