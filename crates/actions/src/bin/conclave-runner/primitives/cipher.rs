//! AES, as `Lit.Actions.aesDecrypt` has it.

use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use rquickjs::{Ctx, Function, Object, Result};

use super::{bytes, invalid};

const IV_BYTES: usize = 16;

/// Adds the functions to `object`.
pub(super) fn define<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<()> {
    object.set("aesDecrypt", Function::new(ctx.clone(), aes_decrypt)?)
}

/// AES-256-CBC with PKCS #7 padding; the initialization vector stands before the ciphertext.
fn aes_decrypt(ctx: Ctx<'_>, key: String, ciphertext: String) -> Result<String> {
    let key = bytes(&ctx, &key)?;
    let ciphertext = bytes(&ctx, &ciphertext)?;
    let Some((iv, blocks)) = ciphertext.split_at_checked(IV_BYTES) else {
        return Err(invalid(
            &ctx,
            "ciphertext has at least 16 bytes, which are its initialization vector",
        ));
    };
    let decryptor = Decryptor::<Aes256>::new_from_slices(&key, iv)
        .map_err(|_| invalid(&ctx, "symmetricKey must have 32 bytes"))?;
    let plaintext = decryptor.decrypt_padded_vec::<Pkcs7>(blocks);
    plaintext
        .map(hex::encode)
        .map_err(|_| invalid(&ctx, "ciphertext does not decrypt with symmetricKey"))
}
