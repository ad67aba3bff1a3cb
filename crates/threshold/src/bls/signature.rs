//! Shares and signatures: made, read, checked and combined.

use super::interpolation::interpolate;
use super::message::BlsMessage;
use super::pairing::{are_signatures, is_signature};
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::fault::Fault;
use crate::group::Bls12381G1;
use crate::key::KeyShare;
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::verification_keys::{Given, TooFewShares, VerificationKeys};
use blstrs::{G1Projective, G2Affine};
use group::prime::PrimeCurveAffine;
use std::collections::BTreeMap;
use thiserror::Error;

/// A signature: 96 bytes, compressed. Decoding rejects points outside the group, the identity, and
/// every other form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature(G2Affine);

/// One party's share of a signature. It does not say whose it is: the link it came over does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignatureShare(Signature);

/// A share as clients read it: the party's id in one byte, and the point.
pub const SHARE_BYTES: usize = 97;

/// Why shares gave no signature.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum CombineError {
    /// Fewer shares than the threshold, or one of a party that holds none.
    #[error(transparent)]
    TooFew(#[from] TooFewShares),
    /// Each of these gave a share that is not its own. Shares are not signed: this convinces
    /// whoever knows the link, and nobody else.
    #[error("wrong shares of {0:?}")]
    WrongShares(Vec<PartyId>),
}

impl Encode for Signature {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_compressed());
    }
}

impl Decode for Signature {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let point: Option<G2Affine> = G2Affine::from_compressed(&reader.array()?).into();
        point
            .filter(|point| !bool::from(point.is_identity()))
            .map(Signature)
            .ok_or(DecodeError::NotCanonical("signature"))
    }
}

impl SignatureShare {
    /// `None` for a party above 255, which the form has no room for.
    pub fn to_bytes(&self, party: PartyId) -> Option<[u8; SHARE_BYTES]> {
        let mut bytes = [0; SHARE_BYTES];
        let (id, point) = bytes.split_first_mut()?;
        *id = u8::try_from(party.number()).ok()?;
        point.copy_from_slice(&self.0.0.to_compressed());
        Some(bytes)
    }

    /// Reads what came over the link of `link`.
    ///
    /// # Errors
    /// [`Fault::Rejected`]: it is no share, or another party's.
    pub fn read(link: PartyId, bytes: &[u8]) -> Result<Self, Fault> {
        let rejected = |reason| Fault::Rejected { link, reason };
        let (id, point) = bytes.split_first().ok_or(rejected("it is no signature share"))?;
        if u16::from(*id) != link.number() {
            return Err(rejected("it is another party's signature share"));
        }
        Signature::decode_all(point)
            .map(SignatureShare)
            .map_err(|_| rejected("it is no signature share"))
    }
}

impl KeyShare<Bls12381G1> {
    /// This party's share of the signature on `message`, `H(message) x_i`. Constant time in the key
    /// share.
    ///
    /// The caller has decided that `message` may be signed: for an identity, that whoever asks
    /// meets the conditions, now and for ever.
    pub fn sign(&self, message: &BlsMessage) -> SignatureShare {
        SignatureShare(Signature((message.hash_to_curve() * self.share().0).into()))
    }
}

impl Signature {
    /// Whether this is the signature on `message` by the key `public_key`.
    pub fn verify(&self, public_key: &G1Projective, message: &BlsMessage) -> bool {
        is_signature(&public_key.into(), &message.hash_to_curve(), &self.0)
    }
}

impl VerificationKeys<Bls12381G1> {
    /// Checks the share of one party.
    ///
    /// # Errors
    /// The share is wrong, or the party holds none.
    pub fn check_share(
        &self,
        message: &BlsMessage,
        party: PartyId,
        share: &SignatureShare,
    ) -> Result<(), CombineError> {
        let key = self.share(party).ok_or(TooFewShares::Stranger(party))?;
        let holds = is_signature(&key.into(), &message.hash_to_curve(), &share.0.0);
        if holds { Ok(()) } else { Err(CombineError::WrongShares(vec![party])) }
    }

    /// Checks shares, by party, in one equation; one by one when it fails. The coefficients that
    /// fold it come from `randomness`, drawn now that the shares are in.
    ///
    /// # Errors
    /// [`CombineError::WrongShares`] names every party whose share is wrong.
    pub fn check_shares(
        &self,
        message: &BlsMessage,
        shares: &BTreeMap<PartyId, SignatureShare>,
        randomness: &mut Randomness,
    ) -> Result<(), CombineError> {
        let all = self.with_keys(shares)?;
        let hash = message.hash_to_curve();
        let folded: Vec<_> = all.iter().map(|given| (given.key, given.share.0.0)).collect();
        if are_signatures(&hash, &folded, randomness) { Ok(()) } else { Err(blame(&hash, &all)) }
    }

    /// The signature, from the shares of as many parties as it takes. It is verified; only when it
    /// is wrong are the shares looked at.
    ///
    /// # Errors
    /// [`CombineError::WrongShares`] names every party whose share is wrong: leave them out and try
    /// again.
    pub fn combine(
        &self,
        message: &BlsMessage,
        shares: &BTreeMap<PartyId, SignatureShare>,
    ) -> Result<Signature, CombineError> {
        let quorum = self.quorum(shares)?;
        let hash = message.hash_to_curve();
        let signature = value_at_zero(&quorum)
            .filter(|signature| is_signature(&self.public_key().into(), &hash, &signature.0));
        signature.ok_or_else(|| blame(&hash, &quorum))
    }

    /// The signature, from shares that have each passed [`check_share`](Self::check_share): then it
    /// needs no check of its own. `None` when they are too few or not all of this key.
    pub fn combine_checked(&self, shares: &BTreeMap<PartyId, SignatureShare>) -> Option<Signature> {
        value_at_zero(&self.quorum(shares).ok()?)
    }
}

fn value_at_zero(shares: &[Given<'_, Bls12381G1, SignatureShare>]) -> Option<Signature> {
    let points: Vec<_> = shares.iter().map(|given| (given.party, given.share.0.0)).collect();
    interpolate(&points).map(|point| Signature(point.into()))
}

/// Whose shares are wrong. The public key is the combination of the verification keys, so a wrong
/// signature has a wrong share in it.
fn blame(hash: &G2Affine, shares: &[Given<'_, Bls12381G1, SignatureShare>]) -> CombineError {
    let wrong =
        shares.iter().filter(|given| !is_signature(&given.key.into(), hash, &given.share.0.0));
    CombineError::WrongShares(wrong.map(|given| given.party).collect())
}
