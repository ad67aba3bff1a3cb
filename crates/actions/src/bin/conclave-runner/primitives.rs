//! The cryptography that ethers and the other globals get from the runner instead of from
//! JavaScript.
//!
//! Bytes come and go as hex. The keys here are those that a script made or was given: the node's
//! shares are elsewhere.

mod cipher;
mod derivation;
mod keys;
mod secp256k1;
mod signatures;

use hmac::{Hmac, KeyInit, Mac};
use ripemd::Ripemd160;
use rquickjs::{Ctx, Exception, Function, Object, Result};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sha3::Keccak256;

/// An object with every primitive as a function.
pub(crate) fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let define = |name: &str, function: Result<Function<'js>>| object.set(name, function?);
    define("keccak256", Function::new(ctx.clone(), digest::<Keccak256>))?;
    define("ripemd160", Function::new(ctx.clone(), digest::<Ripemd160>))?;
    define("sha1", Function::new(ctx.clone(), digest::<Sha1>))?;
    define("sha256", Function::new(ctx.clone(), digest::<Sha256>))?;
    define("sha384", Function::new(ctx.clone(), digest::<Sha384>))?;
    define("sha512", Function::new(ctx.clone(), digest::<Sha512>))?;
    define("hmacSha256", Function::new(ctx.clone(), hmac::<Hmac<Sha256>>))?;
    define("hmacSha384", Function::new(ctx.clone(), hmac::<Hmac<Sha384>>))?;
    define("hmacSha512", Function::new(ctx.clone(), hmac::<Hmac<Sha512>>))?;
    cipher::define(ctx, &object)?;
    derivation::define(ctx, &object)?;
    keys::define(ctx, &object)?;
    secp256k1::define(ctx, &object)?;
    signatures::define(ctx, &object)?;
    Ok(object)
}

fn digest<D: Digest>(ctx: Ctx<'_>, data: String) -> Result<String> {
    Ok(hex::encode(D::digest(bytes(&ctx, &data)?)))
}

fn hmac<M: Mac + KeyInit>(ctx: Ctx<'_>, key: String, data: String) -> Result<String> {
    let key = bytes(&ctx, &key)?;
    let mut mac = <M as KeyInit>::new_from_slice(&key).map_err(|_| invalid(&ctx, "invalid key"))?;
    mac.update(&bytes(&ctx, &data)?);
    Ok(hex::encode(mac.finalize().into_bytes()))
}

fn bytes(ctx: &Ctx<'_>, text: &str) -> Result<Vec<u8>> {
    hex::decode(text).map_err(|_| invalid(ctx, "invalid bytes"))
}

fn invalid(ctx: &Ctx<'_>, message: &str) -> rquickjs::Error {
    Exception::throw_message(ctx, message)
}
