//! Verifiable secret sharing (Feldman, FOCS 1987), many polynomials at a time: a dealer's secret polynomials, its public vectors (the
//! coefficients times the generator, lowest first), the points that each receiver gets, and the check of one against the other.

use crate::codec::Encode;
use crate::group::{Curve, Secret};
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};

/// For each key the coefficients of a secret polynomial, lowest first.
pub(crate) struct Polynomials<C: Curve>(Vec<Vec<Secret<C>>>);

impl<C: Curve> Polynomials<C> {
    /// Polynomials of exactly `length` coefficients: the given constant terms, and fresh randomness above them.
    pub(crate) fn above(constants: Vec<Secret<C>>, length: u16, randomness: &mut Randomness) -> Self {
        let polynomial = |constant| {
            let mut coefficients = Vec::with_capacity(usize::from(length));
            coefficients.push(constant);
            coefficients.extend((1..length).map(|_| Secret(C::random_scalar(randomness))));
            coefficients
        };
        Polynomials(constants.into_iter().map(polynomial).collect())
    }

    pub(crate) fn vectors(&self) -> Vec<Vec<C::Point>> {
        let vector = |polynomial: &Vec<Secret<C>>| polynomial.iter().map(|secret| C::generator_times(&secret.0)).collect();
        self.0.iter().map(vector).collect()
    }

    /// Each polynomial at `receiver`.
    pub(crate) fn shares(&self, receiver: PartyId) -> Vec<Secret<C>> {
        let at = C::scalar(u64::from(receiver.number()));
        let evaluate = |polynomial: &Vec<Secret<C>>| {
            let start = Secret::<C>(C::Scalar::default());
            polynomial.iter().rev().fold(start, |sum, coefficient| Secret(sum.0 * at + coefficient.0))
        };
        self.0.iter().map(evaluate).collect()
    }
}

/// `f(id) G` from the vector of `f`, by Horner's rule: an id has 16 bits at the most, so that a step is a few doublings.
pub(crate) fn evaluate<C: Curve>(vector: &[C::Point], id: PartyId) -> C::Point {
    let times = |point: C::Point| {
        let bits = u16::BITS - id.number().leading_zeros();
        (0..bits).rev().fold(C::identity(), |sum, bit| {
            let doubled = sum + sum;
            if id.number() >> bit & 1 == 1 { doubled + point } else { doubled }
        })
    };
    vector.iter().rev().fold(C::identity(), |sum, coefficient| times(sum) + *coefficient)
}

/// Whether every share is its vector's point at `id`, as one equation. Its coefficients are drawn here, after every message of the round
/// is in: a dealer who knew them could choose errors that cancel.
pub(crate) fn all_fit<C: Curve>(
    id: PartyId,
    vectors: &[Vec<C::Point>],
    shares: &[Secret<C>],
    randomness: &mut Randomness,
) -> bool {
    let coefficients: Vec<_> = vectors.iter().map(|_| C::random_coefficient(randomness)).collect();
    let folded = Secret::<C>(shares.iter().zip(&coefficients).map(|(share, coefficient)| share.0 * *coefficient).sum());
    let terms: Vec<_> = vectors.iter().map(|vector| evaluate::<C>(vector, id)).zip(coefficients).collect();
    shares.len() == vectors.len() && C::generator_times(&folded.0) == C::public_sum_of_products(&terms)
}

/// What stands for one key's vector in a hash, and with the constant term for the key.
pub fn vector_hash<C: Curve>(vector: &[C::Point]) -> [u8; 32] {
    Transcript::new(Tag::FeldmanVector).with(C::NAME.as_bytes()).with(&vector.to_vec().encoded()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Bls12381G1, Secp256k1};

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn polynomials<C: Curve>(keys: u64, length: u16) -> Polynomials<C> {
        let constants = (0..keys).map(|key| Secret(C::scalar(key + 5))).collect();
        Polynomials::above(constants, length, &mut Randomness::from_seed([4; 32]))
    }

    fn a_vector_evaluates_to_the_share<C: Curve>() {
        for length in 1..6 {
            let polynomials = polynomials::<C>(2, length);
            let vectors = polynomials.vectors();
            assert!(vectors.iter().all(|vector| vector.len() == usize::from(length)));
            assert_eq!(vectors[1][0], C::generator_times(&C::scalar(6)));
            for number in [1, 2, 3, 7, 64, 65, 0x8001, u16::MAX] {
                let shares = polynomials.shares(party(number));
                for (vector, share) in vectors.iter().zip(&shares) {
                    assert_eq!(evaluate::<C>(vector, party(number)), C::generator_times(&share.0), "at {number}");
                }
            }
        }
    }

    #[test]
    fn a_vector_evaluates_to_the_share_at_every_id() {
        a_vector_evaluates_to_the_share::<Secp256k1>();
        a_vector_evaluates_to_the_share::<Bls12381G1>();
    }

    #[test]
    fn one_wrong_share_or_one_too_few_does_not_fit() {
        let polynomials = polynomials::<Secp256k1>(3, 3);
        let vectors = polynomials.vectors();
        let fit = |shares: &[Secret<_>]| all_fit(party(2), &vectors, shares, &mut Randomness::from_seed([5; 32]));
        let shares = polynomials.shares(party(2));
        assert!(fit(&shares));
        assert!(!fit(&polynomials.shares(party(3))));
        assert!(!fit(&[shares[0].clone(), shares[1].clone()]));
        let [mut wrong, mut cancelling] = [shares.clone(), shares.clone()];
        wrong[2].0 += Secp256k1::scalar(1);
        assert!(!fit(&wrong));
        cancelling[0].0 += Secp256k1::scalar(1);
        cancelling[1].0 -= Secp256k1::scalar(1);
        assert!(!fit(&cancelling));
        // Even a share more than there are vectors, if it is nothing.
        let more = [shares.as_slice(), &[Secret(Secp256k1::scalar(0))]].concat();
        assert!(!fit(&more));
    }

    #[test]
    fn a_vectors_hash_tells_curve_order_and_length() {
        let vector = polynomials::<Secp256k1>(1, 3).vectors().remove(0);
        let hash = vector_hash::<Secp256k1>(&vector);
        assert_ne!(hash, vector_hash::<Secp256k1>(&vector[..2]));
        assert_ne!(hash, vector_hash::<Secp256k1>(&[vector[1], vector[0], vector[2]]));
        assert_ne!(vector_hash::<Secp256k1>(&[]), vector_hash::<Bls12381G1>(&[]));
    }
}
