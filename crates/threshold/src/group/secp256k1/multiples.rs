//! Many secret multiples of one point.

use k256::{ProjectivePoint, Scalar};
use primeorder::{LookupTable, Radix16Decomposition, Radix16Digits};

/// Bytes of a scalar, and the digit that a signed decomposition carries beyond them.
const TABLES: usize = 33;

/// A point's multiples by 256^n, 2 * 256^n .. 8 * 256^n for every `n`: each costs less than half a
/// multiplication of the bare point.
pub(crate) struct Multiples(Vec<LookupTable<ProjectivePoint>>);

impl Multiples {
    pub(crate) fn new(point: ProjectivePoint) -> Self {
        let powers = std::iter::successors(Some(point), |power| {
            Some((0..8).fold(*power, |power, _| power.double()))
        });
        Multiples(powers.take(TABLES).map(LookupTable::new).collect())
    }

    /// Constant time. The even digits and the odd ones are summed apart, the odd ones being worth
    /// 16 times what the tables have.
    pub(crate) fn times(&self, scalar: &Scalar) -> ProjectivePoint {
        let digits = Radix16Decomposition::<Radix16Digits<k256::Secp256k1>>::new(scalar);
        let sum = |first: usize| -> ProjectivePoint {
            let places = (first..2 * TABLES - 1).step_by(2);
            self.0.iter().zip(places).map(|(table, place)| table.select(digits[place])).sum()
        };
        sum(0) + (0..4).fold(sum(1), |odd, _| odd.double())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::elliptic_curve::Generate;

    #[test]
    fn multiples_are_those_of_the_plain_multiplication() {
        let mut rng = crate::randomness::Randomness::from_seed([5; 32]);
        let point = ProjectivePoint::generate_from_rng(&mut rng);
        let multiples = Multiples::new(point);
        let edges = [
            Scalar::ZERO,
            Scalar::ONE,
            -Scalar::ONE,
            Scalar::from(16u64),
            Scalar::from(0x88u64),
            -Scalar::from(8u64),
        ];
        let random: Vec<_> = (0..20).map(|_| Scalar::generate_from_rng(&mut rng)).collect();
        for scalar in edges.iter().chain(&random) {
            assert_eq!(multiples.times(scalar), point * scalar);
        }
        assert_eq!(multiples.times(&Scalar::ZERO), ProjectivePoint::IDENTITY);
    }
}
