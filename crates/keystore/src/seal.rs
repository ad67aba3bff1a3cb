//! How one record lies in the file: state (1), metadata length (4, big-endian), metadata, nonce
//! (24), ciphertext and tag.

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use zeroize::Zeroizing;

use crate::header::FORMAT;
use crate::{KeystoreError, MAX_METADATA_BYTES, Record, RecordId, Secret, State};

pub(crate) const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// Seals and opens the records of one node.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    node: [u8; 32],
}

impl Sealer {
    pub(crate) fn new(data_key: &[u8; 32], node: [u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(data_key.into()), node }
    }

    pub(crate) fn node(&self) -> [u8; 32] {
        self.node
    }

    /// The value to store under the record's id, in the given state.
    pub(crate) fn seal(&self, record: &Record, state: State) -> Result<Vec<u8>, KeystoreError> {
        self.seal_with(&random()?, record, state)
    }

    fn seal_with(
        &self,
        nonce: &[u8; NONCE_BYTES],
        record: &Record,
        state: State,
    ) -> Result<Vec<u8>, KeystoreError> {
        let associated = self.associated_data(record.id, state, &record.metadata);
        let sealed = encrypt(&self.cipher, nonce, &associated, record.secret.expose())?;
        let mut value = Vec::with_capacity(5 + record.metadata.len() + NONCE_BYTES + sealed.len());
        value.push(state_byte(state));
        value.extend_from_slice(&(record.metadata.len() as u32).to_be_bytes());
        value.extend_from_slice(&record.metadata);
        value.extend_from_slice(nonce);
        value.extend_from_slice(&sealed);
        Ok(value)
    }

    /// The record stored under `id`, or `None` when the value was not sealed for exactly this
    /// place.
    pub(crate) fn open(&self, id: RecordId, value: &[u8]) -> Option<Record> {
        let (state, rest) = value.split_first()?;
        let state = match state {
            0 => State::Provisional,
            1 => State::Final,
            _ => return None,
        };
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if length > MAX_METADATA_BYTES {
            return None;
        }
        let (metadata, rest) = rest.split_at_checked(length)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let associated = self.associated_data(id, state, metadata);
        let secret = decrypt(&self.cipher, nonce, &associated, sealed)?;
        Some(Record {
            id,
            state,
            metadata: metadata.to_vec(),
            secret: Secret::from_zeroizing(secret),
        })
    }

    /// Everything public about a record. Only the last field varies in length, so no two records
    /// share an encoding.
    fn associated_data(&self, id: RecordId, state: State, metadata: &[u8]) -> Vec<u8> {
        let mut bytes = b"conclave/keystore/record".to_vec();
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.node);
        bytes.extend_from_slice(&id.to_bytes());
        bytes.push(state_byte(state));
        bytes.extend_from_slice(metadata);
        bytes
    }
}

fn state_byte(state: State) -> u8 {
    match state {
        State::Provisional => 0,
        State::Final => 1,
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Ciphertext and tag. The buffer is large enough from the start, so that growing it leaves no copy
/// of the plaintext behind.
pub(crate) fn encrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, KeystoreError> {
    let mut buffer = Vec::with_capacity(plaintext.len() + TAG_BYTES);
    buffer.extend_from_slice(plaintext);
    cipher
        .encrypt_in_place(nonce.into(), associated, &mut buffer)
        .map_err(|_| KeystoreError::TooLongToSeal)?;
    Ok(buffer)
}

/// The plaintext, or `None` when key, nonce, associated data or ciphertext differ from what was
/// sealed.
pub(crate) fn decrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    cipher.decrypt_in_place(nonce.into(), associated, &mut *buffer).ok()?;
    Some(buffer)
}

#[cfg(test)]
mod tests;
