//! The curve of Ethereum's keys.

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::sec1::ToSec1Point;
use k256::{FieldBytes, NonZeroScalar, ProjectivePoint, PublicKey, Scalar};
use rquickjs::convert::List;
use rquickjs::{Ctx, Exception, Function, Object, Result};

use super::{bytes, invalid};

/// Adds the functions to `object`.
pub(super) fn define<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<()> {
    let define = |name: &str, function: Result<Function<'js>>| object.set(name, function?);
    define("secp256k1PublicKey", Function::new(ctx.clone(), public_key))?;
    define("secp256k1Decode", Function::new(ctx.clone(), decode))?;
    define("secp256k1Add", Function::new(ctx.clone(), add))?;
    define("secp256k1Derive", Function::new(ctx.clone(), derive))?;
    define("secp256k1Sign", Function::new(ctx.clone(), sign))?;
    define("secp256k1Recover", Function::new(ctx.clone(), recover))
}

fn public_key(ctx: Ctx<'_>, private_key: String) -> Result<String> {
    let secret = private(&ctx, &private_key)?;
    Ok(uncompressed(&PublicKey::from_secret_scalar(&secret)))
}

fn decode(ctx: Ctx<'_>, encoded: String) -> Result<String> {
    Ok(uncompressed(&point(&ctx, &encoded)?))
}

fn add(ctx: Ctx<'_>, left: String, right: String) -> Result<String> {
    let sum = point(&ctx, &left)?.to_projective()
        + ProjectivePoint::from(*point(&ctx, &right)?.as_affine());
    let sum = PublicKey::from_affine(sum.to_affine())
        .map_err(|_| Exception::throw_type(&ctx, "the sum is the point at infinity"))?;
    Ok(uncompressed(&sum))
}

/// The x coordinate of the product.
fn derive(ctx: Ctx<'_>, private_key: String, other: String) -> Result<String> {
    let product = point(&ctx, &other)?.to_projective() * *private(&ctx, &private_key)?;
    let product =
        PublicKey::from_affine(product.to_affine()).map_err(|_| invalid(&ctx, "invalid point"))?;
    Ok(uncompressed(&product).get(2..66).unwrap_or_default().to_owned())
}

/// r, s and the recovery parameter.
fn sign(ctx: Ctx<'_>, private_key: String, digest: String) -> Result<List<(String, String, u8)>> {
    let key = SigningKey::from(private(&ctx, &private_key)?);
    let (signature, recovery) = key.sign_prehash_recoverable(&field(&ctx, &digest)?);
    let (r, s) = signature.split_bytes();
    Ok(List((hex::encode(r), hex::encode(s), recovery.to_byte())))
}

fn recover(ctx: Ctx<'_>, digest: String, r: String, s: String, recovery: u8) -> Result<String> {
    let wrong = |_| invalid(&ctx, "no public key fits this signature");
    let signature = Signature::from_scalars(field(&ctx, &r)?, field(&ctx, &s)?).map_err(wrong)?;
    let recovery = RecoveryId::from_byte(recovery)
        .ok_or_else(|| invalid(&ctx, "invalid recovery parameter"))?;
    let key = VerifyingKey::recover_from_prehash(&field(&ctx, &digest)?, &signature, recovery)
        .map_err(wrong)?;
    Ok(uncompressed(&PublicKey::from(key)))
}

/// 32 bytes, from as many or fewer.
fn field(ctx: &Ctx<'_>, text: &str) -> Result<FieldBytes> {
    let short = bytes(ctx, text)?;
    let mut field = FieldBytes::default();
    if short.len() > field.len() {
        return Err(invalid(ctx, "more than 32 bytes"));
    }
    for (place, byte) in field.iter_mut().rev().zip(short.iter().rev()) {
        *place = *byte;
    }
    Ok(field)
}

/// ethers takes a private key modulo the order.
fn private(ctx: &Ctx<'_>, text: &str) -> Result<NonZeroScalar> {
    let scalar = <Scalar as Reduce<FieldBytes>>::reduce(&field(ctx, text)?);
    NonZeroScalar::new(scalar)
        .into_option()
        .ok_or_else(|| Exception::throw_type(ctx, "invalid private key"))
}

/// Compressed or not; the third form of SEC1, without the sign of y, is not known to ethers.
fn point(ctx: &Ctx<'_>, text: &str) -> Result<PublicKey> {
    let encoded = bytes(ctx, text)?;
    let is_known = matches!(encoded.first(), Some(2..=4));
    let point = PublicKey::from_sec1_bytes(&encoded).ok().filter(|_| is_known);
    point.ok_or_else(|| invalid(ctx, "Unknown point format"))
}

fn uncompressed(key: &PublicKey) -> String {
    hex::encode(key.to_sec1_point(false))
}
