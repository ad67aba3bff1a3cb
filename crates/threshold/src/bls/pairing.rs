//! The pairing, and sums of products of public values, on `blst` through its safe functions.

use crate::group::Bls12381G1;
use crate::group::Curve;
use crate::randomness::Randomness;
use blst::{MultiPoint, blst_fp12};
use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective};
use group::Group;
use group::prime::PrimeCurveAffine;

/// Of a coefficient that folds many checks into one.
const COEFFICIENT_BYTES: usize = 16;
const COEFFICIENT_BITS: usize = 128;

/// `hash_to_curve` of RFC 9380 for the suite `BLS12381G2_XMD:SHA-256_SSWU_RO_`.
pub(super) fn hash_to_g2(message: &[u8], domain: &[u8]) -> G2Affine {
    G2Projective::hash_to_curve(message, domain, &[]).into()
}

/// Whether `signature` has to `hash` the ratio that `key` has to the generator: `e(G, signature) =
/// e(key, hash)`, as one product.
pub(super) fn is_signature(key: &G1Affine, hash: &G2Affine, signature: &G2Affine) -> bool {
    let generator = -G1Affine::generator();
    let loops = blst_fp12::miller_loop_n(
        &[*signature.as_ref(), *hash.as_ref()],
        &[*generator.as_ref(), *key.as_ref()],
    );
    loops.final_exp() == blst_fp12::default()
}

/// [`is_signature`] of all at once, folded with coefficients of 128 bits that are drawn here.
/// Without any there is nothing to be wrong.
pub(super) fn are_signatures(
    hash: &G2Affine,
    all: &[(G1Projective, G2Affine)],
    randomness: &mut Randomness,
) -> bool {
    if all.is_empty() {
        return true;
    }
    let coefficients: Vec<u8> =
        all.iter().flat_map(|_| randomness.bytes::<COEFFICIENT_BYTES>()).collect();
    let keys: Vec<_> = all.iter().map(|(key, _)| *G1Affine::from(*key).as_ref()).collect();
    let signatures: Vec<_> = all.iter().map(|(_, signature)| *signature.as_ref()).collect();
    let (mut key, mut signature) = (Bls12381G1::identity(), G2Projective::identity());
    *key.as_mut() = keys.mult(&coefficients, COEFFICIENT_BITS);
    *signature.as_mut() = signatures.mult(&coefficients, COEFFICIENT_BITS);
    is_signature(&key.into(), hash, &signature.into())
}
