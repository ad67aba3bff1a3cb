//! The signatures of tokens, by the names of their algorithms.

use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, RsaEncoding, RsaKeyPair, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use rquickjs::{Ctx, Function, Object, Result};

use super::{bytes, invalid};

/// Adds the functions to `object`.
pub(super) fn define<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<()> {
    object.set("rsaVerify", Function::new(ctx.clone(), rsa_verify)?)?;
    object.set("rsaSign", Function::new(ctx.clone(), rsa_sign)?)?;
    object.set("ecdsaVerify", Function::new(ctx.clone(), ecdsa_verify)?)?;
    object.set("ecdsaSign", Function::new(ctx.clone(), ecdsa_sign)?)
}

fn rsa(algorithm: &str) -> Option<(&'static RsaParameters, &'static dyn RsaEncoding)> {
    Some(match algorithm {
        "RS256" => (&signature::RSA_PKCS1_2048_8192_SHA256, &signature::RSA_PKCS1_SHA256),
        "RS384" => (&signature::RSA_PKCS1_2048_8192_SHA384, &signature::RSA_PKCS1_SHA384),
        "RS512" => (&signature::RSA_PKCS1_2048_8192_SHA512, &signature::RSA_PKCS1_SHA512),
        "PS256" => (&signature::RSA_PSS_2048_8192_SHA256, &signature::RSA_PSS_SHA256),
        "PS384" => (&signature::RSA_PSS_2048_8192_SHA384, &signature::RSA_PSS_SHA384),
        "PS512" => (&signature::RSA_PSS_2048_8192_SHA512, &signature::RSA_PSS_SHA512),
        _ => return None,
    })
}

fn ecdsa(
    algorithm: &str,
) -> Option<(&'static EcdsaVerificationAlgorithm, &'static EcdsaSigningAlgorithm)> {
    Some(match algorithm {
        "ES256" => (&ECDSA_P256_SHA256_FIXED, &ECDSA_P256_SHA256_FIXED_SIGNING),
        "ES384" => (&ECDSA_P384_SHA384_FIXED, &ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => return None,
    })
}

/// `key` is modulus and exponent.
fn rsa_verify(
    ctx: Ctx<'_>,
    algorithm: String,
    key: Vec<String>,
    message: String,
    signature: String,
) -> Result<bool> {
    let (parameters, _) = rsa(&algorithm).ok_or_else(|| unknown(&ctx))?;
    let [n, e] = key.as_slice() else { return Err(invalid(&ctx, "invalid key")) };
    let key = RsaPublicKeyComponents { n: bytes(&ctx, n)?, e: bytes(&ctx, e)? };
    Ok(key.verify(parameters, &bytes(&ctx, &message)?, &bytes(&ctx, &signature)?).is_ok())
}

/// `key` is PKCS #1.
fn rsa_sign(ctx: Ctx<'_>, algorithm: String, key: String, message: String) -> Result<String> {
    let (_, encoding) = rsa(&algorithm).ok_or_else(|| unknown(&ctx))?;
    let key = RsaKeyPair::from_der(&bytes(&ctx, &key)?).map_err(|error| refused(&ctx, &error))?;
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = key.sign(encoding, &SystemRandom::new(), &bytes(&ctx, &message)?, &mut signature);
    signed.map_err(|_| invalid(&ctx, "the key does not sign"))?;
    Ok(hex::encode(signature))
}

/// A signature is r and s, of equal lengths.
fn ecdsa_verify(
    ctx: Ctx<'_>,
    algorithm: String,
    point: String,
    message: String,
    signature: String,
) -> Result<bool> {
    let (algorithm, _) = ecdsa(&algorithm).ok_or_else(|| unknown(&ctx))?;
    let key = UnparsedPublicKey::new(algorithm, bytes(&ctx, &point)?);
    Ok(key.verify(&bytes(&ctx, &message)?, &bytes(&ctx, &signature)?).is_ok())
}

fn ecdsa_sign(
    ctx: Ctx<'_>,
    algorithm: String,
    secret: String,
    point: String,
    message: String,
) -> Result<String> {
    let (_, algorithm) = ecdsa(&algorithm).ok_or_else(|| unknown(&ctx))?;
    let random = SystemRandom::new();
    let (secret, point) = (bytes(&ctx, &secret)?, bytes(&ctx, &point)?);
    let key = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &secret, &point, &random);
    let key = key.map_err(|error| refused(&ctx, &error))?;
    let signature = key
        .sign(&random, &bytes(&ctx, &message)?)
        .map_err(|_| invalid(&ctx, "the key does not sign"))?;
    Ok(hex::encode(signature))
}

fn unknown(ctx: &Ctx<'_>) -> rquickjs::Error {
    invalid(ctx, "unknown algorithm")
}

fn refused(ctx: &Ctx<'_>, error: &ring::error::KeyRejected) -> rquickjs::Error {
    invalid(ctx, &format!("the private key is refused: {error}"))
}
