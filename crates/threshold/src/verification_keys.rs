//! What everybody may know of one key: the public key, and the point that each party's share is
//! checked against.

use crate::group::Curve;
use crate::key::evaluate_in_the_exponent;
use crate::party::PartyId;
use std::collections::BTreeMap;
use thiserror::Error;

/// `X = x G` and, for every party `i`, `X_i = x_i G`. Made once for a key and an epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerificationKeys<C: Curve> {
    public_key: C::Point,
    threshold: usize,
    shares: BTreeMap<PartyId, C::Point>,
}

/// Why shares were not combined.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum TooFewShares {
    /// More parties have to answer.
    #[error("{given} shares of the {needed} that it takes")]
    Count {
        /// How many shares came.
        given: usize,
        /// The threshold.
        needed: usize,
    },
    /// It holds no share of this key.
    #[error("party {0} has no share of this key")]
    Stranger(PartyId),
}

/// What a party gave, and the point that it is checked against.
pub(crate) struct Given<'a, C: Curve, S> {
    pub(crate) party: PartyId,
    /// `X_party`.
    pub(crate) key: C::Point,
    pub(crate) share: &'a S,
}

impl<C: Curve> VerificationKeys<C> {
    /// From the commitments to the key's polynomial, lowest coefficient first, and the parties that
    /// hold shares. The commitments have to come from where the key is registered, not from a party
    /// that answers.
    ///
    /// `None` without commitments, or with fewer parties than it takes to use the key.
    pub fn new(commitments: &[C::Point], parties: &[PartyId]) -> Option<Self> {
        let share = |id: &PartyId| (*id, evaluate_in_the_exponent::<C>(commitments, *id));
        let shares: BTreeMap<_, _> = parties.iter().map(share).collect();
        let enough = shares.len() >= commitments.len();
        commitments.first().filter(|_| enough).map(|public_key| VerificationKeys {
            public_key: *public_key,
            threshold: commitments.len(),
            shares,
        })
    }

    /// The key itself, `X`.
    pub fn public_key(&self) -> C::Point {
        self.public_key
    }

    /// How many shares it takes.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// `X_party`. `None` for a party that holds no share.
    pub fn share(&self, party: PartyId) -> Option<C::Point> {
        self.shares.get(&party).copied()
    }

    /// Every given share with its party and `X_party`.
    ///
    /// # Errors
    /// A party holds no share of this key.
    pub(crate) fn with_keys<'a, S>(
        &self,
        given: &'a BTreeMap<PartyId, S>,
    ) -> Result<Vec<Given<'a, C, S>>, TooFewShares> {
        let with_key = |(party, share): (&PartyId, &'a S)| {
            let key = self.share(*party).ok_or(TooFewShares::Stranger(*party))?;
            Ok(Given { party: *party, key, share })
        };
        given.iter().map(with_key).collect()
    }

    /// The shares of as many parties as it takes, those with the lowest ids.
    ///
    /// # Errors
    /// There are not enough, or a party holds no share of this key.
    pub(crate) fn quorum<'a, S>(
        &self,
        given: &'a BTreeMap<PartyId, S>,
    ) -> Result<Vec<Given<'a, C, S>>, TooFewShares> {
        if given.len() < self.threshold {
            return Err(TooFewShares::Count { given: given.len(), needed: self.threshold });
        }
        let mut all = self.with_keys(given)?;
        all.truncate(self.threshold);
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Bls12381G1, Secp256k1};
    use crate::randomness::Randomness;
    use crate::testing::deal_key;

    fn are_those_of_every_share<C: Curve>() {
        let parties: Vec<_> = [1, 2, 7, 300].into_iter().filter_map(PartyId::new).collect();
        let shares = deal_key::<C>(3, &parties, &mut Randomness::from_seed([1; 32]));
        let commitments = shares[&parties[0]].commitments();
        let keys = VerificationKeys::<C>::new(commitments, &parties).unwrap();
        assert_eq!((keys.public_key(), keys.threshold()), (shares[&parties[0]].public_key(), 3));
        for (id, share) in &shares {
            assert_eq!(keys.share(*id), Some(C::generator_times(&share.share().0)));
        }
        assert_eq!(keys.share(PartyId::new(3).unwrap()), None);
        assert!(VerificationKeys::<C>::new(commitments, &parties[..3]).is_some());
        assert!(VerificationKeys::<C>::new(commitments, &parties[..2]).is_none());
        assert!(VerificationKeys::<C>::new(commitments, &[parties[0]; 3]).is_none());
        assert!(VerificationKeys::<C>::new(&[], &parties).is_none());
    }

    #[test]
    fn verification_keys_are_those_of_every_share_on_both_curves() {
        are_those_of_every_share::<Secp256k1>();
        are_those_of_every_share::<Bls12381G1>();
    }

    #[test]
    fn a_quorum_is_exactly_the_threshold_of_known_parties() {
        let parties: Vec<_> = (1..=4).filter_map(PartyId::new).collect();
        let shares = deal_key::<Secp256k1>(2, &parties, &mut Randomness::from_seed([1; 32]));
        let keys =
            VerificationKeys::<Secp256k1>::new(shares[&parties[0]].commitments(), &parties[..3])
                .unwrap();
        let given = |numbers: &[u16]| -> BTreeMap<_, _> {
            numbers
                .iter()
                .map(|number| (PartyId::new(*number).unwrap(), u32::from(*number)))
                .collect()
        };
        let quorum = |numbers: &[u16]| {
            let given = given(numbers);
            let found = keys.quorum(&given);
            found.map(|found| {
                found
                    .into_iter()
                    .map(|given| (given.party.number(), given.key, *given.share))
                    .collect::<Vec<_>>()
            })
        };
        let key = |number: u16| keys.share(PartyId::new(number).unwrap()).unwrap();
        assert_eq!(quorum(&[1]), Err(TooFewShares::Count { given: 1, needed: 2 }));
        assert_eq!(quorum(&[2, 3]), Ok(vec![(2, key(2), 2), (3, key(3), 3)]));
        assert_eq!(quorum(&[1, 2, 3]), Ok(vec![(1, key(1), 1), (2, key(2), 2)]));
        assert_eq!(quorum(&[1, 2, 4]), Err(TooFewShares::Stranger(parties[3])));
    }
}
