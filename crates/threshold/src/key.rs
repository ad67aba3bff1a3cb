//! A party's share of one key, and the public vector that every share of that key is checked
//! against.

use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::group::{Curve, Secp256k1, Secret, lagrange_at};
use crate::party::{MAX_MEMBERS, PartyId};
use core::fmt;
use k256::{ProjectivePoint, Scalar};
use zeroize::Zeroizing;

/// Party `me`'s point `x_me = f(me)` of the polynomial `f` whose value at 0 is the secret key.
#[derive(Clone)]
pub struct KeyShare<C: Curve> {
    me: PartyId,
    /// The coefficients of `f` times the generator, lowest first: as many as it takes shares to
    /// sign.
    commitments: Vec<C::Point>,
    share: Secret<C>,
}

impl<C: Curve> KeyShare<C> {
    /// `None` without commitments.
    pub fn new(me: PartyId, commitments: Vec<C::Point>, share: Secret<C>) -> Option<Self> {
        (!commitments.is_empty()).then_some(KeyShare { me, commitments, share })
    }

    /// The party whose share this is.
    pub fn me(&self) -> PartyId {
        self.me
    }

    /// The coefficients of `f` times the generator, lowest first.
    pub fn commitments(&self) -> &[C::Point] {
        &self.commitments
    }

    /// How many shares make the key.
    pub fn threshold(&self) -> usize {
        self.commitments.len()
    }

    /// `X = x G`.
    #[expect(clippy::indexing_slicing, reason = "none is built without commitments")]
    pub fn public_key(&self) -> C::Point {
        self.commitments[0]
    }

    /// `X_id = f(id) G`.
    pub fn public_share(&self, id: PartyId) -> C::Point {
        evaluate_in_the_exponent::<C>(&self.commitments, id)
    }

    /// Whether the share is the one that the commitments promise.
    pub fn verify(&self) -> bool {
        C::generator_times(&self.share.0) == self.public_share(self.me)
    }

    /// `f(me)`, the secret itself.
    pub fn share(&self) -> &Secret<C> {
        &self.share
    }

    /// What may be seen: the party and the commitments.
    pub fn encode_public(&self) -> Vec<u8> {
        let mut out = self.me.encoded();
        C::normalise(&self.commitments).encode(&mut out);
        out
    }

    /// What may not: the share, 32 bytes.
    pub fn encode_secret(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(32));
        self.share.0.encode(&mut out);
        out
    }

    /// Reads what [`encode_public`](Self::encode_public) and [`encode_secret`](Self::encode_secret)
    /// wrote. The two are not checked against each other: that is [`verify`](Self::verify).
    pub fn decode(public: &[u8], secret: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader(public);
        let me = PartyId::decode(&mut reader)?;
        let commitments = Vec::<C::Point>::decode(&mut reader)?;
        if !reader.0.is_empty() {
            return Err(DecodeError::TooLong);
        }
        if commitments.len() > MAX_MEMBERS {
            return Err(DecodeError::NotCanonical("commitments"));
        }
        let share = Secret(C::Scalar::decode_all(secret)?);
        KeyShare::new(me, commitments, share).ok_or(DecodeError::NotCanonical("commitments"))
    }
}

impl<C: Curve> fmt::Debug for KeyShare<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyShare({} of {:?})", self.me, self.public_key())
    }
}

/// `f(id) G`, from the commitments to the coefficients of `f`, by Horner's rule: ids are small.
pub(crate) fn evaluate_in_the_exponent<C: Curve>(
    commitments: &[C::Point],
    id: PartyId,
) -> C::Point {
    commitments
        .iter()
        .rev()
        .fold(C::identity(), |sum, commitment| C::times_small(&sum, id.number()) + *commitment)
}

/// The Lagrange coefficient at 0 of `id` among `set`. `None` when it is not in it.
pub(crate) fn lagrange<C: Curve>(id: PartyId, set: &[PartyId]) -> Option<C::Scalar> {
    let ids: Vec<_> = set.iter().map(|id| u64::from(id.number())).collect();
    lagrange_at::<C>(u64::from(id.number()), &ids, 0)
}

/// What one signing set puts together to one wallet key: `lambda_i X_i` for each member. Depends on
/// set and sharing alone, so that a caller may keep it while the key's epoch lasts: the next one
/// shares the same key in another way. Invariant: the `lambda_i X_i` sum to `X`; the one
/// constructor is [`KeyShare::public_shares`], which checks it.
#[derive(Clone, Debug)]
pub struct PublicShares {
    /// Of the sharing that they are of.
    commitments: Vec<ProjectivePoint>,
    set: Vec<PartyId>,
    /// `lambda_i X_i`, in the order of `set`.
    weighted: Vec<ProjectivePoint>,
}

impl PublicShares {
    /// Whether they are of this key, shared in this way.
    pub(crate) fn are_of(&self, key: &KeyShare<Secp256k1>) -> bool {
        self.commitments == key.commitments
    }

    #[cfg(test)]
    pub(crate) fn public_key(&self) -> ProjectivePoint {
        self.commitments[0]
    }

    /// The parties whose public shares these are, ascending.
    pub fn set(&self) -> &[PartyId] {
        &self.set
    }

    pub(crate) fn weighted(&self) -> &[ProjectivePoint] {
        &self.weighted
    }
}

impl KeyShare<Secp256k1> {
    /// `None` when an id is repeated, or the set's shares do not sum to the public key: it is not
    /// of the threshold's size.
    pub fn public_shares(&self, set: &[PartyId]) -> Option<PublicShares> {
        let weighted = |id: &PartyId| {
            let lambda = lagrange::<Secp256k1>(*id, set)?;
            Some(Secp256k1::public_sum_of_products(&[(self.public_share(*id), lambda)]))
        };
        let weighted = set.iter().map(weighted).collect::<Option<Vec<_>>>()?;
        let whole = set.len() == self.threshold()
            && weighted.iter().sum::<ProjectivePoint>() == self.public_key();
        whole.then(|| PublicShares {
            commitments: self.commitments.clone(),
            set: set.to_vec(),
            weighted,
        })
    }

    /// `lambda_me x_me`, this party's addend of the key in `set`.
    pub(crate) fn addend(&self, set: &[PartyId]) -> Option<Secret<Secp256k1>> {
        let lambda: Scalar = lagrange::<Secp256k1>(self.me, set)?;
        Some(Secret(lambda * self.share.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Bls12381G1;
    use crate::randomness::Randomness;
    use crate::testing::deal_key;

    fn ids(numbers: &[u16]) -> Vec<PartyId> {
        numbers.iter().filter_map(|number| PartyId::new(*number)).collect()
    }

    fn survives_encoding_in_two_parts<C: Curve>() {
        let shares = deal_key::<C>(3, &ids(&[1, 2, 3, 4, 5]), &mut Randomness::from_seed([1; 32]));
        for share in shares.values() {
            let (public, secret) = (share.encode_public(), share.encode_secret());
            let again = KeyShare::<C>::decode(&public, &secret).unwrap();
            assert!(again.verify());
            assert_eq!(
                (again.me(), again.commitments(), again.share().0),
                (share.me(), share.commitments(), share.share().0)
            );
            assert!(KeyShare::<C>::decode(&public[..public.len() - 1], &secret).is_err());
            assert!(KeyShare::<C>::decode(&[public.as_slice(), &[0]].concat(), &secret).is_err());
            assert!(KeyShare::<C>::decode(&public, &secret[1..]).is_err());
        }
        let [one, two, ..] = &shares.into_values().collect::<Vec<_>>()[..] else { panic!() };
        assert!(
            !KeyShare::<C>::decode(&one.encode_public(), &two.encode_secret()).unwrap().verify()
        );
    }

    #[test]
    fn a_share_survives_encoding_in_two_parts_on_both_curves() {
        survives_encoding_in_two_parts::<Secp256k1>();
        survives_encoding_in_two_parts::<Bls12381G1>();
    }

    #[test]
    fn public_shares_exist_for_exactly_the_thresholds_size() {
        let share =
            deal_key::<Secp256k1>(3, &ids(&[1, 2, 3, 4, 5]), &mut Randomness::from_seed([1; 32]))
                .remove(&ids(&[2])[0])
                .unwrap();
        assert!(share.public_shares(&ids(&[1, 2, 5])).is_some());
        assert!(share.public_shares(&ids(&[1, 2])).is_none());
        assert!(share.public_shares(&ids(&[1, 2, 3, 4])).is_none());
        assert!(share.public_shares(&ids(&[1, 2, 2])).is_none());
    }

    #[test]
    fn debug_shows_no_share() {
        let shares = deal_key::<Secp256k1>(2, &ids(&[1, 2]), &mut Randomness::from_seed([1; 32]));
        for share in shares.values() {
            let shown = format!("{share:?} {:?}", share.share());
            assert!(!shown.to_lowercase().contains(&hex::encode(share.encode_secret().as_slice())));
            assert!(shown.contains("Secret(..)"));
        }
    }

    #[test]
    fn a_vector_of_as_many_points_as_members_decodes_and_one_more_or_none_does_not() {
        let share = deal_key::<Secp256k1>(1, &ids(&[1]), &mut Randomness::from_seed([1; 32]))
            .remove(&ids(&[1])[0])
            .unwrap();
        let decodes = |points: usize| {
            let mut public = share.me().encoded();
            vec![share.public_key(); points].encode(&mut public);
            KeyShare::<Secp256k1>::decode(&public, &share.encode_secret())
                .map(|share| share.threshold())
        };
        assert_eq!((decodes(1), decodes(MAX_MEMBERS)), (Ok(1), Ok(MAX_MEMBERS)));
        assert_eq!(decodes(0), Err(DecodeError::NotCanonical("commitments")));
        assert_eq!(decodes(MAX_MEMBERS + 1), Err(DecodeError::NotCanonical("commitments")));
    }

    #[test]
    fn public_shares_and_addends_are_those_of_the_shares() {
        let shares =
            deal_key::<Secp256k1>(3, &ids(&[1, 2, 5, 9]), &mut Randomness::from_seed([2; 32]));
        let set = ids(&[1, 5, 9]);
        let public = shares[&set[0]].public_shares(&set).unwrap();
        assert!(public.are_of(&shares[&set[1]]) && public.set() == set);
        assert!(!public.are_of(&deal_key(3, &set, &mut Randomness::from_seed([3; 32]))[&set[0]]));
        let mut key = Scalar::ZERO;
        for (id, weighted) in set.iter().zip(public.weighted()) {
            let addend = shares[id].addend(&set).unwrap();
            assert_eq!(*weighted, Secp256k1::generator_times(&addend.0));
            assert_eq!(
                shares[&set[1]].public_share(*id),
                Secp256k1::generator_times(&shares[id].share().0)
            );
            key += addend.0;
        }
        assert_eq!(Secp256k1::generator_times(&key), shares[&set[0]].public_key());
        assert!(shares[&ids(&[2])[0]].addend(&set).is_none(), "not of the set");
    }
}
