//! Verifiable secret sharing (Feldman, FOCS 1987), many polynomials at a time: a dealer's secret
//! polynomials, its public vectors (the coefficients times the generator, lowest first), the points
//! that each receiver gets, and their sums over the dealers, checked one against the other.
//!
//! Only the sums are ever used, so only the sums are checked, and dealer by dealer when that fails,
//! to name the culprit. Errors that two dealers cancel between them change nothing.

use crate::codec::Encode;
use crate::fault::Fault;
use crate::group::{Curve, Secret};
use crate::key::{KeyShare, evaluate_in_the_exponent};
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
use std::collections::BTreeMap;

/// For each key the coefficients of a secret polynomial, lowest first.
pub(crate) struct Polynomials<C: Curve>(Vec<Vec<Secret<C>>>);

impl<C: Curve> Polynomials<C> {
    /// Polynomials of exactly `length` coefficients: the given constant terms, and fresh randomness
    /// above them.
    pub(crate) fn above(
        constants: Vec<Secret<C>>,
        length: u16,
        randomness: &mut Randomness,
    ) -> Self {
        let polynomial = |constant| {
            let mut coefficients = Vec::with_capacity(usize::from(length));
            coefficients.push(constant);
            coefficients.extend((1..length).map(|_| Secret(C::random_scalar(randomness))));
            coefficients
        };
        Polynomials(constants.into_iter().map(polynomial).collect())
    }

    /// Of exactly `length` random coefficients.
    pub(crate) fn random(keys: u32, length: u16, randomness: &mut Randomness) -> Self {
        let polynomial = |_| (0..length).map(|_| Secret(C::random_scalar(randomness))).collect();
        Polynomials((0..keys).map(polynomial).collect())
    }

    pub(crate) fn constants(&self) -> impl Iterator<Item = &Secret<C>> {
        self.0.iter().filter_map(|polynomial| polynomial.first())
    }

    pub(crate) fn vectors(&self) -> Vec<Vec<C::Uncompressed>> {
        let points: Vec<_> =
            self.0.iter().flatten().map(|secret| C::generator_times(&secret.0)).collect();
        let mut points = C::normalise(&points).into_iter().map(C::Uncompressed::from);
        self.0.iter().map(|polynomial| points.by_ref().take(polynomial.len()).collect()).collect()
    }

    /// Each polynomial at `receiver`.
    pub(crate) fn shares(&self, receiver: PartyId) -> Vec<Secret<C>> {
        let at = C::scalar(u64::from(receiver.number()));
        let evaluate = |polynomial: &Vec<Secret<C>>| {
            let start = Secret::<C>(C::Scalar::default());
            polynomial
                .iter()
                .rev()
                .fold(start, |sum, coefficient| Secret(sum.0 * at + coefficient.0))
        };
        self.0.iter().map(evaluate).collect()
    }
}

/// What one dealer dealt: the vector of each key, and one receiver's points.
pub(crate) struct Dealt<'a, C: Curve> {
    pub(crate) vectors: &'a [Vec<C::Uncompressed>],
    pub(crate) shares: &'a [Secret<C>],
}

/// Checks the form of a dealer's vectors: one of exactly `length` points for each key.
pub(crate) fn check_form<C: Curve>(
    dealer: PartyId,
    vectors: &[Vec<C::Uncompressed>],
    keys: usize,
    length: u16,
) -> Result<(), Fault> {
    if vectors.len() != keys {
        return Err(Fault::Proven { party: dealer, check: "number of polynomials" });
    }
    if vectors.iter().any(|vector| vector.len() != usize::from(length)) {
        return Err(Fault::Proven { party: dealer, check: "length of a polynomial" });
    }
    Ok(())
}

/// The sum over the dealers of each key's vectors, all of which have passed [`check_form`].
pub(crate) fn sum_of_vectors<'a, C: Curve>(
    keys: usize,
    dealers: impl Iterator<Item = &'a [Vec<C::Uncompressed>]>,
) -> Vec<Vec<C::Point>> {
    let mut sums: Vec<Vec<C::Point>> = vec![Vec::new(); keys];
    for vectors in dealers {
        for (sum, vector) in sums.iter_mut().zip(vectors) {
            sum.resize(vector.len(), C::identity());
            sum.iter_mut().zip(vector).for_each(|(sum, point)| *sum = *sum + (*point).into());
        }
    }
    sums
}

/// The receiver's key shares, one for each of the summed `vectors`.
pub(crate) fn sum_of_shares<C: Curve>(
    me: PartyId,
    vectors: Vec<Vec<C::Point>>,
    dealt: &BTreeMap<PartyId, Dealt<'_, C>>,
    randomness: &mut Randomness,
) -> Result<Vec<KeyShare<C>>, Fault> {
    if let Some((dealer, _)) = dealt.iter().find(|(_, dealt)| dealt.shares.len() != vectors.len()) {
        return Err(Fault::Proven { party: *dealer, check: "number of shares" });
    }
    let mut sums: Vec<Secret<C>> = vectors.iter().map(|_| Secret(C::Scalar::default())).collect();
    for dealt in dealt.values() {
        sums.iter_mut().zip(dealt.shares).for_each(|(sum, share)| sum.0 = sum.0 + share.0);
    }
    if !all_fit(me, &vectors, &sums, randomness) {
        return Err(find_wrong_share(me, dealt));
    }
    let keys =
        vectors.into_iter().zip(sums).map(|(vector, share)| KeyShare::new(me, vector, share));
    keys.collect::<Option<_>>().ok_or(Fault::Misuse("a dealer's vectors were not checked"))
}

/// The dealer whose signed point does not fit its own signed vector.
fn find_wrong_share<C: Curve>(me: PartyId, dealt: &BTreeMap<PartyId, Dealt<'_, C>>) -> Fault {
    let lied = |dealt: &Dealt<'_, C>| {
        let mut pairs = dealt.shares.iter().zip(dealt.vectors);
        pairs.any(|(share, vector)| {
            let vector: Vec<_> = vector.iter().map(|point| (*point).into()).collect();
            C::generator_times(&share.0) != evaluate_in_the_exponent::<C>(&vector, me)
        })
    };
    let liar = dealt.iter().find(|(_, dealt)| lied(dealt));
    liar.map_or(Fault::Joint { check: "shares" }, |(dealer, _)| Fault::Proven {
        party: *dealer,
        check: "share",
    })
}

/// Whether every share is its vector's point at `id`, as one equation. Its coefficients are drawn
/// here, after every message of the round is in: a dealer who knew them could choose errors that
/// cancel.
pub(crate) fn all_fit<C: Curve>(
    id: PartyId,
    vectors: &[Vec<C::Point>],
    shares: &[Secret<C>],
    randomness: &mut Randomness,
) -> bool {
    let coefficients: Vec<_> = vectors.iter().map(|_| C::random_coefficient(randomness)).collect();
    let folded = Secret::<C>(
        shares.iter().zip(&coefficients).map(|(share, coefficient)| share.0 * *coefficient).sum(),
    );
    let terms: Vec<_> = vectors
        .iter()
        .map(|vector| evaluate_in_the_exponent::<C>(vector, id))
        .zip(coefficients)
        .collect();
    shares.len() == vectors.len()
        && C::generator_times(&folded.0) == C::public_sum_of_products(&terms)
}

/// What stands for one key's vector in a hash, and with the constant term for the key.
pub fn vector_hash<C: Curve>(vector: &[C::Point]) -> [u8; 32] {
    Transcript::new(Tag::FeldmanVector)
        .with(C::NAME.as_bytes())
        .with(&C::normalise(vector).encoded())
        .finish()
}

/// [`vector_hash`] of each.
pub(crate) fn vector_hashes<C: Curve>(vectors: &[Vec<C::Point>]) -> Vec<[u8; 32]> {
    vectors.iter().map(|vector| vector_hash::<C>(vector)).collect()
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

    fn points<C: Curve>(polynomials: &Polynomials<C>) -> Vec<Vec<C::Point>> {
        polynomials
            .vectors()
            .into_iter()
            .map(|vector| vector.into_iter().map(Into::into).collect())
            .collect()
    }

    fn a_vector_evaluates_to_the_share<C: Curve>() {
        for length in 1..6 {
            let polynomials = polynomials::<C>(2, length);
            let vectors = points(&polynomials);
            assert!(vectors.iter().all(|vector| vector.len() == usize::from(length)));
            assert_eq!(vectors[1][0], C::generator_times(&C::scalar(6)));
            for number in [1, 2, 3, 7, 64, 65, 0x8001, u16::MAX] {
                let shares = polynomials.shares(party(number));
                for (vector, share) in vectors.iter().zip(&shares) {
                    assert_eq!(
                        evaluate_in_the_exponent::<C>(vector, party(number)),
                        C::generator_times(&share.0),
                        "at {number}"
                    );
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
        let vectors = points(&polynomials);
        let fit = |shares: &[Secret<_>]| {
            all_fit(party(2), &vectors, shares, &mut Randomness::from_seed([5; 32]))
        };
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
    fn random_polynomials_are_all_different() {
        let polynomials =
            Polynomials::<Secp256k1>::random(2, 3, &mut Randomness::from_seed([6; 32]));
        let coefficients: Vec<_> = polynomials.0.iter().flatten().map(|secret| secret.0).collect();
        assert_eq!(polynomials.0.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        assert!((0..6).all(|at| !coefficients[..at].contains(&coefficients[at])));
        assert!(
            polynomials
                .constants()
                .map(|constant| constant.0)
                .eq([coefficients[0], coefficients[3]])
        );
    }

    #[test]
    fn vectors_have_one_form() {
        let vectors = polynomials::<Secp256k1>(2, 3).vectors();
        let check = |keys, length| check_form::<Secp256k1>(party(7), &vectors, keys, length);
        let named = |check| Err(Fault::Proven { party: party(7), check });
        assert_eq!(check(2, 3), Ok(()));
        assert_eq!(
            [check(1, 3), check(3, 3)],
            [named("number of polynomials"), named("number of polynomials")]
        );
        assert_eq!(
            [check(2, 2), check(2, 4)],
            [named("length of a polynomial"), named("length of a polynomial")]
        );
    }

    /// What party 9 makes of what parties 1 and 2 dealt it, party 2's shares after `alter`.
    fn received(
        alter: impl FnOnce(&mut Vec<Secret<Secp256k1>>),
    ) -> Result<Vec<KeyShare<Secp256k1>>, Fault> {
        let [one, two] = [
            polynomials::<Secp256k1>(2, 3),
            Polynomials::random(2, 3, &mut Randomness::from_seed([6; 32])),
        ];
        let vectors = [one.vectors(), two.vectors()];
        let mut shares = [one.shares(party(9)), two.shares(party(9))];
        alter(&mut shares[1]);
        let dealt = |at: usize| Dealt { vectors: &vectors[at], shares: &shares[at] };
        let dealt = BTreeMap::from([(party(1), dealt(0)), (party(2), dealt(1))]);
        let sums = sum_of_vectors::<Secp256k1>(2, dealt.values().map(|dealt| dealt.vectors));
        sum_of_shares(party(9), sums, &dealt, &mut Randomness::from_seed([5; 32]))
    }

    #[test]
    fn shares_add_up_to_the_point_of_the_sum_of_the_vectors() {
        let keys = received(|_| ()).unwrap();
        let [one, two] = [
            polynomials::<Secp256k1>(2, 3),
            Polynomials::random(2, 3, &mut Randomness::from_seed([6; 32])),
        ];
        for (key, share) in keys.iter().enumerate() {
            assert_eq!((share.me(), share.threshold()), (party(9), 3));
            assert_eq!(share.share().0, one.shares(party(9))[key].0 + two.shares(party(9))[key].0);
            let terms = points(&one)[key]
                .iter()
                .zip(&points(&two)[key])
                .map(|(one, two)| one + two)
                .collect::<Vec<_>>();
            assert_eq!(share.commitments(), terms);
        }
        assert_eq!(keys.len(), 2);
    }

    #[test]
    fn a_wrong_share_and_a_wrong_number_of_shares_name_their_dealer() {
        let fault = |alter: fn(&mut Vec<Secret<Secp256k1>>)| received(alter).map(drop);
        let named = |check| Err(Fault::Proven { party: party(2), check });
        assert_eq!(fault(|shares| shares[1].0 += Secp256k1::scalar(1)), named("share"));
        assert_eq!(fault(|shares| shares.truncate(1)), named("number of shares"));
        assert_eq!(fault(|shares| shares.push(shares[0].clone())), named("number of shares"));
    }

    #[test]
    fn a_vectors_hash_tells_curve_order_and_length() {
        let vector = points(&polynomials::<Secp256k1>(1, 3)).remove(0);
        let hash = vector_hash::<Secp256k1>(&vector);
        assert_ne!(hash, vector_hash::<Secp256k1>(&vector[..2]));
        assert_ne!(hash, vector_hash::<Secp256k1>(&[vector[1], vector[0], vector[2]]));
        assert_ne!(vector_hash::<Secp256k1>(&[]), vector_hash::<Bls12381G1>(&[]));
        assert_eq!(
            vector_hashes::<Secp256k1>(&[vector.clone(), vector[1..].to_vec()]),
            [hash, vector_hash::<Secp256k1>(&vector[1..])]
        );
    }
}
