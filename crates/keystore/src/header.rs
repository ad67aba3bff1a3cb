//! The first thing in the file: which node it belongs to, what a passphrase guess costs, and the
//! sealed data key.

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use zeroize::Zeroizing;

use crate::derivation::SALT_BYTES;
use crate::seal::{NONCE_BYTES, decrypt, encrypt, random};
use crate::{DerivationCost, KeystoreError, OpenError, Passphrase};

/// The format that this version writes and reads.
pub(crate) const FORMAT: u8 = 1;

const PUBLIC_BYTES: usize = 1 + 32 + 12 + SALT_BYTES;
const SEALED_KEY_BYTES: usize = 32 + 16;
/// Length of a whole header.
pub(crate) const HEADER_BYTES: usize = PUBLIC_BYTES + NONCE_BYTES + SEALED_KEY_BYTES;

/// What an opened header yields.
pub(crate) struct Opened {
    pub(crate) node: [u8; 32],
    pub(crate) data_key: Zeroizing<[u8; 32]>,
}

/// Seals the data key under the passphrase.
pub(crate) fn seal(
    node: [u8; 32],
    data_key: &[u8; 32],
    passphrase: &Passphrase,
    cost: DerivationCost,
) -> Result<[u8; HEADER_BYTES], KeystoreError> {
    seal_with(&random()?, &random()?, node, data_key, passphrase, cost)
}

fn seal_with(
    salt: &[u8; SALT_BYTES],
    nonce: &[u8; NONCE_BYTES],
    node: [u8; 32],
    data_key: &[u8; 32],
    passphrase: &Passphrase,
    cost: DerivationCost,
) -> Result<[u8; HEADER_BYTES], KeystoreError> {
    let public = public_part(node, cost, salt);
    let key = cost.derive(passphrase, salt).ok_or(KeystoreError::CostOutOfRange)?;
    let sealed = encrypt(
        &XChaCha20Poly1305::new((&*key).into()),
        nonce,
        &associated_data(&public),
        data_key,
    )?;
    let mut header = [0; HEADER_BYTES];
    header[..PUBLIC_BYTES].copy_from_slice(&public);
    header[PUBLIC_BYTES..PUBLIC_BYTES + NONCE_BYTES].copy_from_slice(nonce);
    header[PUBLIC_BYTES + NONCE_BYTES..].copy_from_slice(&sealed);
    Ok(header)
}

/// Opens the data key with the passphrase. The bytes come from a file and are taken for hostile.
pub(crate) fn open(header: &[u8], passphrase: &Passphrase) -> Result<Opened, OpenError> {
    let damaged = || OpenError::Damaged("the header is malformed".into());
    let format = *header.first().ok_or_else(damaged)?;
    if format != FORMAT {
        return Err(OpenError::UnknownFormat { found: format });
    }
    let header: &[u8; HEADER_BYTES] = header.try_into().map_err(|_| damaged())?;
    let (public, rest) = header.split_first_chunk::<PUBLIC_BYTES>().ok_or_else(damaged)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
    let (node, cost, salt) = read_public_part(public).ok_or_else(damaged)?;
    let key = cost.derive(passphrase, &salt).ok_or_else(damaged)?;
    let opened =
        decrypt(&XChaCha20Poly1305::new((&*key).into()), nonce, &associated_data(public), sealed)
            .ok_or(OpenError::WrongPassphrase)?;
    let mut data_key = Zeroizing::new([0; 32]);
    if opened.len() != data_key.len() {
        return Err(damaged());
    }
    data_key.copy_from_slice(&opened);
    Ok(Opened { node, data_key })
}

fn associated_data(public: &[u8; PUBLIC_BYTES]) -> Vec<u8> {
    [&b"conclave/keystore/header"[..], public].concat()
}

fn public_part(
    node: [u8; 32],
    cost: DerivationCost,
    salt: &[u8; SALT_BYTES],
) -> [u8; PUBLIC_BYTES] {
    let mut public = [0; PUBLIC_BYTES];
    public[0] = FORMAT;
    public[1..33].copy_from_slice(&node);
    public[33..37].copy_from_slice(&cost.memory_kib.to_be_bytes());
    public[37..41].copy_from_slice(&cost.passes.to_be_bytes());
    public[41..45].copy_from_slice(&cost.lanes.to_be_bytes());
    public[45..].copy_from_slice(salt);
    public
}

fn read_public_part(
    public: &[u8; PUBLIC_BYTES],
) -> Option<([u8; 32], DerivationCost, [u8; SALT_BYTES])> {
    let (_format, rest) = public.split_first()?;
    let (node, rest) = rest.split_first_chunk()?;
    let (memory_kib, rest) = rest.split_first_chunk()?;
    let (passes, rest) = rest.split_first_chunk()?;
    let (lanes, salt) = rest.split_first_chunk()?;
    let cost = DerivationCost {
        memory_kib: u32::from_be_bytes(*memory_kib),
        passes: u32::from_be_bytes(*passes),
        lanes: u32::from_be_bytes(*lanes),
    };
    Some((*node, cost, salt.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use conclave_gates::snapshot;

    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text).unwrap()
    }

    fn header() -> [u8; HEADER_BYTES] {
        seal([4; 32], &[8; 32], &passphrase("right"), DerivationCost::THROW_AWAY).unwrap()
    }

    #[test]
    fn the_right_passphrase_yields_node_and_key() {
        let opened = open(&header(), &passphrase("right")).unwrap();
        assert_eq!(opened.node, [4; 32]);
        assert_eq!(*opened.data_key, [8; 32]);
    }

    #[test]
    fn the_header_of_a_format_is_pinned() {
        let header = seal_with(
            &[1; SALT_BYTES],
            &[2; NONCE_BYTES],
            [4; 32],
            &[8; 32],
            &passphrase("right"),
            DerivationCost::THROW_AWAY,
        );
        snapshot::assert_pinned(
            env!("CARGO_MANIFEST_DIR"),
            &format!("header-{FORMAT}"),
            [("header", header.unwrap().to_vec())],
        );
    }

    #[test]
    fn a_wrong_passphrase_has_its_own_error() {
        assert!(matches!(open(&header(), &passphrase("wrong")), Err(OpenError::WrongPassphrase)));
    }

    #[test]
    fn every_altered_byte_of_the_header_is_refused() {
        let header = header();
        for position in 0..header.len() {
            // The low bit, so that an altered cost stays small enough to be tried.
            let mut altered = header;
            altered[position] ^= 1;
            assert!(open(&altered, &passphrase("right")).is_err(), "byte {position}");
        }
        for length in 0..header.len() {
            assert!(open(&header[..length], &passphrase("right")).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_header_that_asks_for_too_much_memory_is_refused_before_any_is_taken() {
        let mut header = header();
        header[33..37].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(matches!(open(&header, &passphrase("right")), Err(OpenError::Damaged(_))));
    }
}
