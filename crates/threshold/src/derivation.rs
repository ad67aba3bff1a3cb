//! Derived keys: one linear combination of the network's root keys, the same for the public points
//! and for every party's shares.
//!
//! With roots `X_0 .. X_(m-1)` and `h` the hash of an id to a scalar, the derived key is `X_0 + h
//! X_1 + .. + h^(m-1) X_(m-1)`: the first coefficient is 1, as the argument for the signatures
//! wants it. The id is hashed as RFC 9380 has it (`hash_to_field` with `expand_message_xmd` and
//! SHA-256), with a domain of its own: a client computes the same point from the roots alone.
//!
//! Derivation is not hardened. **The secrets of `m` derived keys, and of one root fewer for each
//! root that is known, give all `m` roots and with them every key derived from them.** So no secret
//! of a derived key, nor a share of one, ever leaves this crate: a [`KeyShare`] belongs to a key of
//! its own and may be stored, exported, dealt again and decrypted with; a [`DerivedShare`] signs,
//! and has no method for anything else.

use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::group::{Curve, Secp256k1, Secret};
use crate::key::{KeyShare, PublicShares};
use crate::party::PartyId;
use crate::transcript::{Tag, Transcript};
use core::fmt;
use hash2curve::{ExpandMsgXmd, hash_to_scalar};
use k256::elliptic_curve::consts::U48;
use k256::{ProjectivePoint, Scalar};
use sha2::Sha256;
use thiserror::Error;

/// The domain of the hash from ids to scalars, which clients share.
const DOMAIN: &[u8] = b"LIT_HD_KEY_ID_K256_XMD:SHA-256_SSWU_RO_NUL_";

/// Fewer roots would make every derived key a known multiple of one secret.
pub const MIN_ROOTS: usize = 2;

/// What a derived key is derived by: 32 bytes, a hash of whom it is for.
pub type DerivedKeyId = [u8; 32];

/// How a key comes from root keys: part of every assignment, and through it of every nonce.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Derivation {
    /// It is a key of its own.
    None,
    /// It is the combination of the roots with this [digest](RootKeys::digest) for this id.
    Derived {
        /// Hash of the root keys.
        roots: [u8; 32],
        /// Which of the keys that they make.
        id: DerivedKeyId,
    },
}

impl Encode for Derivation {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Derivation::None => out.push(0),
            Derivation::Derived { roots, id } => {
                out.push(1);
                roots.encode(out);
                id.encode(out);
            }
        }
    }
}

impl Decode for Derivation {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.array()? {
            [0] => Ok(Derivation::None),
            [1] => Ok(Derivation::Derived { roots: reader.array()?, id: reader.array()? }),
            _ => Err(DecodeError::NotCanonical("derivation")),
        }
    }
}

/// Why keys or shares are no roots.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum RootsError {
    /// There are so many keys, and it takes more.
    #[error("{0} roots are fewer than {MIN_ROOTS}")]
    TooFew(usize),
    /// Two root keys are one.
    #[error("a root key stands in the list twice, or is the identity")]
    NotDistinct,
    /// The shares are of several parties, or of several thresholds.
    #[error("the shares are of different parties or thresholds")]
    NotOneParty,
}

/// The network's root keys, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RootKeys(Vec<ProjectivePoint>);

impl RootKeys {
    /// # Errors
    /// Fewer than [`MIN_ROOTS`], two equal ones, or the identity among them.
    pub fn new(keys: Vec<ProjectivePoint>) -> Result<Self, RootsError> {
        if keys.len() < MIN_ROOTS {
            return Err(RootsError::TooFew(keys.len()));
        }
        let fresh = |(at, key): (usize, &ProjectivePoint)| {
            !Secp256k1::is_identity(key) && !keys.iter().take(at).any(|other| other == key)
        };
        if keys.iter().enumerate().all(fresh) {
            Ok(RootKeys(keys))
        } else {
            Err(RootsError::NotDistinct)
        }
    }

    /// The root keys, in their order.
    pub fn keys(&self) -> &[ProjectivePoint] {
        &self.0
    }

    /// What a [`Derivation`] names the roots by.
    pub fn digest(&self) -> [u8; 32] {
        Transcript::new(Tag::RootKeys).with(&self.0.encoded()).finish()
    }

    /// The public key of `id`. `None` when it is the identity, which nobody can find an id for.
    pub fn derive(&self, id: &DerivedKeyId) -> Option<ProjectivePoint> {
        combine_points(&self.0, coefficient(id)).filter(|key| !Secp256k1::is_identity(key))
    }

    /// What an assignment says of the key of `id`.
    pub fn derivation(&self, id: DerivedKeyId) -> Derivation {
        Derivation::Derived { roots: self.digest(), id }
    }
}

/// One party's shares of all root keys, in the roots' order.
#[derive(Clone, Debug)]
pub struct RootShares {
    keys: RootKeys,
    shares: Vec<KeyShare<Secp256k1>>,
}

impl RootShares {
    /// # Errors
    /// The public keys are no [`RootKeys`], or the shares are not all one party's with one
    /// threshold.
    pub fn new(shares: Vec<KeyShare<Secp256k1>>) -> Result<Self, RootsError> {
        let keys = RootKeys::new(shares.iter().map(KeyShare::public_key).collect())?;
        let of = |share: &KeyShare<Secp256k1>| (share.me(), share.threshold());
        if !shares.iter().map(of).is_sorted_by(|one, next| one == next) {
            return Err(RootsError::NotOneParty);
        }
        Ok(RootShares { keys, shares })
    }

    /// The public side of the roots.
    pub fn keys(&self) -> &RootKeys {
        &self.keys
    }

    /// This party's share of the key of `id`. `None` when that key is the identity, which nobody
    /// can find an id for.
    pub fn derive(&self, id: &DerivedKeyId) -> Option<DerivedShare> {
        self.keys.derive(id)?;
        let (first, at) = (self.shares.first()?, coefficient(id));
        let commitment = |degree: usize| {
            let commitments =
                self.shares.iter().map(|share| share.commitments().get(degree).copied());
            combine_points(&commitments.collect::<Option<Vec<_>>>()?, at)
        };
        let commitments = (0..first.threshold()).map(commitment).collect::<Option<Vec<_>>>()?;
        let start = Secret::<Secp256k1>(Scalar::ZERO);
        let share =
            self.shares.iter().rev().fold(start, |sum, share| Secret(sum.0 * at + share.share().0));
        let key = KeyShare::new(first.me(), commitments, share)?;
        Some(DerivedShare { key, derivation: self.keys.derivation(*id) })
    }
}

/// A party's share of a derived key. It signs; it cannot be stored, exported, dealt again or
/// decrypted with.
#[derive(Clone)]
pub struct DerivedShare {
    key: KeyShare<Secp256k1>,
    derivation: Derivation,
}

impl DerivedShare {
    /// The party whose share this is.
    pub fn me(&self) -> PartyId {
        self.key.me()
    }

    /// The derived key.
    pub fn public_key(&self) -> ProjectivePoint {
        self.key.public_key()
    }

    /// The roots and the id that it was derived by.
    pub fn derivation(&self) -> Derivation {
        self.derivation
    }

    /// [`KeyShare::public_shares`].
    pub fn public_shares(&self, set: &[PartyId]) -> Option<PublicShares> {
        self.key.public_shares(set)
    }

    /// [`KeyShare::verify`].
    pub fn verify(&self) -> bool {
        self.key.verify()
    }
}

impl fmt::Debug for DerivedShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DerivedShare({:?} by {:?})", self.key, self.derivation)
    }
}

/// A share that presignatures sign with: of a key of its own, or of a derived one.
#[derive(Clone, Copy, Debug)]
pub struct SigningShare<'a> {
    pub(crate) key: &'a KeyShare<Secp256k1>,
    pub(crate) derivation: Derivation,
}

impl<'a> From<&'a KeyShare<Secp256k1>> for SigningShare<'a> {
    fn from(key: &'a KeyShare<Secp256k1>) -> Self {
        SigningShare { key, derivation: Derivation::None }
    }
}

impl<'a> From<&'a DerivedShare> for SigningShare<'a> {
    fn from(share: &'a DerivedShare) -> Self {
        SigningShare { key: &share.key, derivation: share.derivation }
    }
}

/// The scalar whose powers are the coefficients for `id`.
fn coefficient(id: &DerivedKeyId) -> Scalar {
    // The only error is a domain or an output of impossible length.
    hash_to_scalar::<k256::Secp256k1, ExpandMsgXmd<Sha256>, U48>(&[id], &[DOMAIN])
        .unwrap_or_default()
}

/// `points[0] + at points[1] + at^2 points[2] + ..`. `None` without points.
fn combine_points(points: &[ProjectivePoint], at: Scalar) -> Option<ProjectivePoint> {
    let (first, others) = points.split_first()?;
    let powers = core::iter::successors(Some(at), |power| Some(*power * at));
    let terms: Vec<_> = others.iter().copied().zip(powers).collect();
    Some(*first + Secp256k1::public_sum_of_products(&terms))
}

#[cfg(test)]
mod tests;
