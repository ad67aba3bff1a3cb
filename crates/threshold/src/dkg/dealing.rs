//! One dealer's part: random polynomials, their Feldman commitments, and Schnorr proofs that the dealer knows what it put in.

use super::messages::{Opening, Shares};
use crate::codec::Encode;
use crate::fault::Fault;
use crate::group::{Curve, Secret};
use crate::message::SessionId;
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
use std::collections::BTreeMap;

/// The polynomials that a dealer has committed to and not yet dealt.
pub(super) struct Dealing<C: Curve> {
    /// For each key the coefficients, lowest first.
    polynomials: Vec<Vec<Secret<C>>>,
    pub(super) opening: Opening<C>,
}

impl<C: Curve> Dealing<C> {
    pub(super) fn new(sid: &SessionId, dealer: PartyId, keys: u32, threshold: u16, randomness: &mut Randomness) -> Self {
        let polynomial =
            |randomness: &mut Randomness| (0..threshold).map(|_| Secret(C::random_scalar(randomness))).collect::<Vec<_>>();
        let polynomials: Vec<_> = (0..keys).map(|_| polynomial(randomness)).collect();
        let vector =
            |polynomial: &Vec<Secret<C>>| polynomial.iter().map(|coefficient| C::generator_times(&coefficient.0)).collect();
        let vectors: Vec<Vec<_>> = polynomials.iter().map(vector).collect();

        let statement = ProofStatement::new::<C>(sid, dealer, &vectors);
        let (mut proof_points, mut proof_responses) = (Vec::new(), Vec::new());
        for (key, polynomial) in polynomials.iter().enumerate() {
            let (point, response) = statement.prove::<C>(key, &polynomial[0], randomness);
            proof_points.push(point);
            proof_responses.push(response);
        }
        Dealing { polynomials, opening: Opening { nonce: randomness.bytes(), vectors, proof_points, proof_responses } }
    }

    /// What `receiver` gets.
    pub(super) fn shares(&self, receiver: PartyId) -> Shares<C> {
        let at = C::scalar(u64::from(receiver.number()));
        let evaluate = |polynomial: &Vec<Secret<C>>| {
            let start = Secret::<C>(C::Scalar::default());
            polynomial.iter().rev().fold(start, |sum, coefficient| Secret(sum.0 * at + coefficient.0))
        };
        Shares { shares: self.polynomials.iter().map(evaluate).collect() }
    }
}

/// The hash that round 1 commits to. The nonce in the opening hides it, the sender's id keeps it from being repeated by another.
pub(super) fn commitment_to_opening(sid: &SessionId, dealer: PartyId, opening: &[u8]) -> [u8; 32] {
    Transcript::new(Tag::DkgCommitment).with(sid).with(&dealer.encoded()).with(opening).finish()
}

/// What all proofs of one dealer are bound to besides the key's index: session, dealer, and every vector in full.
struct ProofStatement(Transcript);

impl ProofStatement {
    fn new<C: Curve>(sid: &SessionId, dealer: PartyId, vectors: &Vec<Vec<C::Point>>) -> Self {
        let transcript = Transcript::new(Tag::DkgProof).with(C::NAME.as_bytes()).with(sid).with(&dealer.encoded());
        ProofStatement(transcript.with(&vectors.encoded()))
    }

    fn challenge<C: Curve>(&self, key: usize, point: &C::Point) -> C::Scalar {
        self.0.clone().with_number(key as u64).with(&point.encoded()).finish_scalar::<C>()
    }

    fn prove<C: Curve>(&self, key: usize, witness: &Secret<C>, randomness: &mut Randomness) -> (C::Point, C::Scalar) {
        let nonce = Secret::<C>(C::random_scalar(randomness));
        let point = C::generator_times(&nonce.0);
        (point, nonce.0 + self.challenge::<C>(key, &point) * witness.0)
    }
}

/// Checks the form of `dealer`'s opening: one vector of exactly `threshold` points and one proof for each key.
pub(super) fn check_form<C: Curve>(dealer: PartyId, opening: &Opening<C>, keys: u32, threshold: u16) -> Result<(), Fault> {
    let keys = keys as usize;
    let proven = |check| Err(Fault::Proven { party: dealer, check });
    if opening.vectors.len() != keys {
        return proven("number of polynomials");
    }
    if opening.vectors.iter().any(|vector| vector.len() != usize::from(threshold)) {
        return proven("length of a polynomial");
    }
    if opening.proof_points.len() != keys || opening.proof_responses.len() != keys {
        return proven("number of proofs");
    }
    Ok(())
}

/// Checks all proofs as one equation, and one by one when that fails. The openings have passed [`check_form`].
pub(super) fn check_proofs<C: Curve>(
    sid: &SessionId,
    openings: &BTreeMap<PartyId, Opening<C>>,
    randomness: &mut Randomness,
) -> Result<(), Fault> {
    let mut proofs = Vec::new();
    for (dealer, opening) in openings {
        let statement = ProofStatement::new::<C>(sid, *dealer, &opening.vectors);
        let parts = opening.vectors.iter().zip(&opening.proof_points).zip(&opening.proof_responses);
        for (key, ((vector, point), response)) in parts.enumerate() {
            // `z G - K - c A_0` is the identity.
            let constant = vector.first().copied().unwrap_or(C::identity());
            proofs.push((*dealer, *response, [(*point, -C::scalar(1)), (constant, -statement.challenge::<C>(key, point))]));
        }
    }

    let mut generator = C::Scalar::default();
    let mut terms = Vec::with_capacity(2 * proofs.len());
    for (_, response, others) in &proofs {
        let coefficient = C::random_coefficient(randomness);
        generator = generator + coefficient * *response;
        terms.extend(others.map(|(point, scalar)| (point, coefficient * scalar)));
    }
    let holds =
        |generator: &C::Scalar, terms: &[_]| C::is_identity(&(C::generator_times(generator) + C::public_sum_of_products(terms)));
    if holds(&generator, &terms) {
        return Ok(());
    }
    let liar = proofs.iter().find(|(_, response, others)| !holds(response, others));
    Err(liar.map_or(Fault::Joint { check: "proofs of knowledge" }, |(dealer, ..)| Fault::Proven {
        party: *dealer,
        check: "proof of knowledge",
    }))
}
