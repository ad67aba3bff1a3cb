//! One dealer's part: random polynomials, their Feldman commitments, and Schnorr proofs that the
//! dealer knows what it put in.

use super::messages::{Opening, Shares};
use crate::codec::Encode;
use crate::fault::Fault;
use crate::feldman::{self, Polynomials};
use crate::group::{Curve, Secret};
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use std::collections::BTreeMap;

/// The polynomials that a dealer has committed to and not yet dealt.
pub(super) struct Dealing<C: Curve> {
    polynomials: Polynomials<C>,
    pub(super) opening: Opening<C>,
}

impl<C: Curve> Dealing<C> {
    pub(super) fn new(
        sid: &SessionId,
        dealer: PartyId,
        keys: u32,
        threshold: u16,
        randomness: &mut Randomness,
    ) -> Self {
        let polynomials = Polynomials::<C>::random(keys, threshold, randomness);
        let vectors = polynomials.vectors();
        let nonces: Vec<_> = (0..keys).map(|_| Secret::<C>(C::random_scalar(randomness))).collect();
        let points: Vec<_> = nonces.iter().map(|nonce| C::generator_times(&nonce.0)).collect();
        let proof_points: Vec<_> =
            C::normalise(&points).into_iter().map(C::Uncompressed::from).collect();

        let statement = Statement::new::<C>(sid, dealer, &vectors);
        let proofs = nonces.iter().zip(&proof_points).zip(polynomials.constants()).enumerate();
        let respond =
            |(key, ((nonce, point), constant)): (usize, ((&Secret<C>, _), &Secret<C>))| {
                nonce.0 + statement.challenge::<C>(key, point) * constant.0
            };
        let proof_responses = proofs.map(respond).collect();
        Dealing {
            polynomials,
            opening: Opening { nonce: randomness.bytes(), vectors, proof_points, proof_responses },
        }
    }

    /// What `receiver` gets.
    pub(super) fn shares(&self, receiver: PartyId) -> Shares<C> {
        Shares { shares: self.polynomials.shares(receiver) }
    }
}

/// What one dealer puts in: the hash of session, dealer, and every vector in full. Its commitment
/// and all of its proofs are bound to it.
pub(super) struct Statement([u8; 32]);

impl Statement {
    pub(super) fn new<C: Curve>(
        sid: &SessionId,
        dealer: PartyId,
        vectors: &Vec<Vec<C::Uncompressed>>,
    ) -> Self {
        let transcript = Transcript::new(Tag::DkgStatement)
            .with(C::NAME.as_bytes())
            .with(sid)
            .with(&dealer.encoded());
        Statement(transcript.with(&vectors.encoded()).finish())
    }

    /// What round 1 commits to: the whole of `opening`, whose vectors are this statement's. The
    /// nonce in it hides it, the sender's id keeps it from being repeated by another.
    pub(super) fn commitment<C: Curve>(&self, opening: &Opening<C>) -> [u8; 32] {
        let transcript = Transcript::new(Tag::DkgCommitment).with(&self.0).with(&opening.nonce);
        transcript
            .with(&opening.proof_points.encoded())
            .with(&opening.proof_responses.encoded())
            .finish()
    }

    fn challenge<C: Curve>(&self, key: usize, point: &C::Uncompressed) -> C::Scalar {
        Transcript::new(Tag::DkgProof)
            .with(&self.0)
            .with_number(key as u64)
            .with(&point.encoded())
            .finish_scalar::<C>()
    }
}

/// Checks the form of `dealer`'s opening: one vector of exactly `threshold` points and one proof
/// for each key.
pub(super) fn check_form<C: Curve>(
    dealer: PartyId,
    opening: &Opening<C>,
    keys: u32,
    threshold: u16,
) -> Result<(), Fault> {
    let keys = keys as usize;
    feldman::check_form::<C>(dealer, &opening.vectors, keys, threshold)?;
    if opening.proof_points.len() != keys || opening.proof_responses.len() != keys {
        return Err(Fault::Proven { party: dealer, check: "number of proofs" });
    }
    Ok(())
}

/// Checks all proofs as one equation, and one by one when that fails. The openings have passed
/// [`check_form`].
pub(super) fn check_proofs<C: Curve>(
    openings: &BTreeMap<PartyId, (Statement, Opening<C>)>,
    randomness: &mut Randomness,
) -> Result<(), Fault> {
    let mut proofs = Vec::new();
    for (dealer, (statement, opening)) in openings {
        let constants = opening.vectors.iter().filter_map(|vector| vector.first());
        let parts = constants.zip(&opening.proof_points).zip(&opening.proof_responses);
        for (key, ((constant, point), response)) in parts.enumerate() {
            // `K + c A_0 = z G`.
            let challenge = statement.challenge::<C>(key, point);
            proofs.push((
                *dealer,
                *response,
                [((*point).into(), C::scalar(1)), ((*constant).into(), challenge)],
            ));
        }
    }

    let mut generator = C::Scalar::default();
    let mut terms = Vec::with_capacity(2 * proofs.len());
    for (_, response, others) in &proofs {
        let coefficient = C::random_coefficient(randomness);
        generator = generator + coefficient * *response;
        terms.extend(others.map(|(point, scalar)| (point, coefficient * scalar)));
    }
    let holds = |generator: &C::Scalar, terms: &[_]| {
        C::generator_times(generator) == C::public_sum_of_products(terms)
    };
    if holds(&generator, &terms) {
        return Ok(());
    }
    let liar = proofs.iter().find(|(_, response, others)| !holds(response, others));
    Err(liar.map_or(Fault::Joint { check: "proofs of knowledge" }, |(dealer, ..)| Fault::Proven {
        party: *dealer,
        check: "proof of knowledge",
    }))
}
