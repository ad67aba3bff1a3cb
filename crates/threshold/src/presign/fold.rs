//! Many equations between points, checked as one: each is multiplied with a random coefficient of
//! 128 bits and all are added up. A false one survives with a probability of `2^-128`, as long as
//! nobody knew the coefficients when the equations were fixed: they are drawn locally, after
//! everything of the round has come in.

use crate::group::{Curve, Secp256k1};
use k256::{ProjectivePoint, Scalar};
use zeroize::{Zeroize, Zeroizing};

/// Terms with a secret multiplied in one go: enough to share the doublings, few enough for the
/// tables to stay in the cache.
const SECRET_TERMS_AT_A_TIME: usize = 48;

/// Public terms come cheaper the more there are at a time.
const PUBLIC_TERMS_AT_A_TIME: usize = 4096;

/// A growing sum of multiples of points.
pub(super) struct Fold {
    terms: Zeroizing<Vec<(ProjectivePoint, Scalar)>>,
    sum: ProjectivePoint,
    at_a_time: usize,
    multiply: fn(&[(ProjectivePoint, Scalar)]) -> ProjectivePoint,
}

impl Fold {
    /// Over scalars that everybody may know.
    pub(super) fn public() -> Self {
        Self::new(PUBLIC_TERMS_AT_A_TIME, Secp256k1::public_sum_of_products)
    }

    /// Over secret scalars: constant time, erased after use.
    pub(super) fn secret() -> Self {
        Self::new(SECRET_TERMS_AT_A_TIME, Secp256k1::sum_of_products)
    }

    fn new(
        at_a_time: usize,
        multiply: fn(&[(ProjectivePoint, Scalar)]) -> ProjectivePoint,
    ) -> Self {
        // Of full capacity from the beginning: a secret is never left behind in memory that the
        // list has outgrown.
        Fold {
            terms: Vec::with_capacity(at_a_time).into(),
            sum: ProjectivePoint::IDENTITY,
            at_a_time,
            multiply,
        }
    }

    pub(super) fn add(&mut self, point: impl Into<ProjectivePoint>, scalar: Scalar) {
        self.terms.push((point.into(), scalar));
        if self.terms.len() == self.at_a_time {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.terms.is_empty() {
            self.sum += (self.multiply)(&self.terms);
            self.terms.iter_mut().for_each(|(_, scalar)| scalar.zeroize());
            self.terms.clear();
        }
    }

    pub(super) fn finish(mut self) -> ProjectivePoint {
        self.flush();
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::Randomness;

    #[test]
    fn multiplies_as_many_terms_at_a_time_as_it_holds_and_the_rest_at_the_end() {
        for (count, squares) in [(0, 0), (2, 4), (5, 25), (7, 25 + 4), (10, 25 + 25)] {
            let mut fold = Fold::new(5, |terms| {
                ProjectivePoint::GENERATOR * Scalar::from((terms.len() * terms.len()) as u64)
            });
            (0..count).for_each(|_| fold.add(ProjectivePoint::GENERATOR, Scalar::ONE));
            assert_eq!(
                fold.finish(),
                ProjectivePoint::GENERATOR * Scalar::from(squares as u64),
                "{count} terms"
            );
        }
    }

    #[test]
    fn sums_any_number_of_terms() {
        let mut randomness = Randomness::from_seed([1; 32]);
        let full = 5;
        for count in [0, 1, full - 1, full, full + 1, 2 * full] {
            for mut fold in [Fold::public(), Fold::secret()] {
                fold.at_a_time = full;
                let mut expected = Scalar::ZERO;
                for _ in 0..count {
                    let [point, scalar] =
                        [(); 2].map(|()| Secp256k1::random_scalar(&mut randomness));
                    fold.add(ProjectivePoint::GENERATOR * point, scalar);
                    expected += point * scalar;
                }
                assert_eq!(fold.finish(), ProjectivePoint::GENERATOR * expected, "{count} terms");
            }
        }
    }
}
