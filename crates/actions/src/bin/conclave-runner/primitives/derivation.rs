//! Keys from passwords.

use pbkdf2::pbkdf2_hmac;
use rquickjs::{Ctx, Function, Object, Result};
use sha2::{Sha256, Sha512};

use super::{bytes, invalid};

/// The memory that one scrypt takes beside the script's heap, in bytes: that of a wallet as ethers
/// writes it, and some.
const SCRYPT_BYTES_MAX: usize = 160 << 20;

/// Adds the functions to `object`.
pub(super) fn define<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<()> {
    object.set("pbkdf2", Function::new(ctx.clone(), pbkdf2)?)?;
    object.set("scrypt", Function::new(ctx.clone(), scrypt)?)
}

fn pbkdf2(
    ctx: Ctx<'_>,
    hash: String,
    password: String,
    salt: String,
    rounds: u32,
    length: u8,
) -> Result<String> {
    let (password, salt, mut key) =
        (bytes(&ctx, &password)?, bytes(&ctx, &salt)?, vec![0; length.into()]);
    match hash.as_str() {
        "sha256" => pbkdf2_hmac::<Sha256>(&password, &salt, rounds, &mut key),
        "sha512" => pbkdf2_hmac::<Sha512>(&password, &salt, rounds, &mut key),
        _ => return Err(invalid(&ctx, "unsupported algorithm")),
    }
    Ok(hex::encode(key))
}

/// `costs` are N, as the power of two that it is, r and p.
fn scrypt(
    ctx: Ctx<'_>,
    password: String,
    salt: String,
    costs: Vec<u32>,
    length: u8,
) -> Result<String> {
    let &[log_n, r, p] = costs.as_slice() else {
        return Err(invalid(&ctx, "scrypt has three costs"));
    };
    let (password, salt, mut key) =
        (bytes(&ctx, &password)?, bytes(&ctx, &salt)?, vec![0; length.into()]);
    let params = u8::try_from(log_n).ok().and_then(|log_n| scrypt::Params::new(log_n, r, p).ok());
    let params = params.ok_or_else(|| invalid(&ctx, "invalid costs of scrypt"))?;
    if !is_affordable(log_n, r, p) {
        return Err(invalid(
            &ctx,
            &format!(
                "there is no memory for this scrypt, which may take {} MiB at most",
                SCRYPT_BYTES_MAX >> 20
            ),
        ));
    }
    scrypt::scrypt(&password, &salt, &params, &mut key)
        .map_err(|_| invalid(&ctx, "invalid length of a key"))?;
    Ok(hex::encode(key))
}

/// Whether there is memory for it. Where the library found none, it would end the process.
fn is_affordable(log_n: u32, r: u32, p: u32) -> bool {
    let blocks = 1_usize
        .checked_shl(log_n)
        .and_then(|n| n.checked_add(p as usize))
        .and_then(|blocks| blocks.checked_add(2));
    let bytes = blocks
        .and_then(|blocks| blocks.checked_mul(128))
        .and_then(|bytes| bytes.checked_mul(r as usize));
    bytes.is_some_and(|bytes| {
        bytes <= SCRYPT_BYTES_MAX && Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
    })
}
