//! What anybody can make from a public key, and everybody can check before anything is decrypted.

use crate::codec::{Bytes, Decode, DecodeError, Encode};
use crate::group::{Curve, Secp256k1, Secret};
use crate::messages;
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use k256::{AffinePoint, ProjectivePoint, Scalar};
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest plaintext, in bytes.
pub const MAX_PLAINTEXT: usize = 1 << 20;

/// Each key encrypts one body.
const NONCE: [u8; 12] = [0; 12];
const TAG_BYTES: usize = 16;
/// What a ciphertext has besides its sealed body.
const OVERHEAD: usize = 32 + 33 + 32 + 33 + 32 + 4;

messages! {
    /// All of a ciphertext that a party needs to see.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Header {
        /// [`Scope::label`] of what this is encrypted to.
        pub label: [u8; 32],
        /// `E = e G`.
        pub ephemeral: AffinePoint,
        /// Hash of the sealed body.
        pub body_hash: [u8; 32],
        /// `K = k G`.
        pub commitment: AffinePoint,
        /// `k + c e`, where `c` hashes the key and everything above.
        pub response: Scalar,
    }

    /// A header and the sealed body that it vouches for.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Ciphertext {
        /// All that a party sees.
        pub header: Header,
        /// The plaintext under ChaCha20-Poly1305 (RFC 8439).
        pub body: Bytes,
    }
}

/// Why there is no ciphertext.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum NotEncrypted {
    /// The plaintext is of so many bytes, above [`MAX_PLAINTEXT`].
    #[error("{0} bytes are more than {MAX_PLAINTEXT}")]
    TooLong(usize),
    /// Everybody can decrypt what is encrypted to the identity.
    #[error("the public key is the identity")]
    PublicKey,
}

/// What a decryption is authorised for, and nothing else is: one key, under the conditions with
/// this hash. Signing has no such type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The key that decrypts.
    pub public_key: ProjectivePoint,
    /// Hash of what whoever asks must meet.
    pub conditions: [u8; 32],
}

impl Scope {
    /// What a ciphertext names its scope by.
    pub fn label(&self) -> [u8; 32] {
        Transcript::new(Tag::DecryptionLabel)
            .with(&self.public_key.encoded())
            .with(&self.conditions)
            .finish()
    }
}

/// Encrypts `plaintext` to whoever meets the conditions of `scope`, by its key.
///
/// # Errors
/// The plaintext is longer than [`MAX_PLAINTEXT`], or the key is none.
pub fn encrypt(
    scope: &Scope,
    plaintext: &[u8],
    randomness: &mut Randomness,
) -> Result<Ciphertext, NotEncrypted> {
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(NotEncrypted::TooLong(plaintext.len()));
    }
    if Secp256k1::is_identity(&scope.public_key) {
        return Err(NotEncrypted::PublicKey);
    }
    let author = Author::new(scope, randomness);
    let mut body = plaintext.to_vec();
    let cipher = ChaCha20Poly1305::new((&*author.body_key).into());
    let tag = cipher.encrypt_inout_detached(&NONCE.into(), &[], body.as_mut_slice().into());
    // The cipher's own limit is far above this one's.
    body.extend_from_slice(&tag.map_err(|_| NotEncrypted::TooLong(plaintext.len()))?);
    Ok(author.prove(Bytes(body), randomness))
}

/// Who makes one ciphertext.
pub(super) struct Author<'a> {
    scope: &'a Scope,
    e: Secret<Secp256k1>,
    ephemeral: AffinePoint,
    body_key: Zeroizing<[u8; 32]>,
}

impl<'a> Author<'a> {
    pub(super) fn new(scope: &'a Scope, randomness: &mut Randomness) -> Self {
        let e = Secret::<Secp256k1>(Secp256k1::random_scalar(randomness));
        let ephemeral = AffinePoint::from(Secp256k1::generator_times(&e.0));
        let body_key = body_key(scope, &ephemeral, &Secp256k1::times(&scope.public_key, &e.0));
        Author { scope, e, ephemeral, body_key }
    }

    /// Vouches for `body`.
    pub(super) fn prove(self, body: Bytes, randomness: &mut Randomness) -> Ciphertext {
        let Author { scope, e, ephemeral, .. } = self;
        let k = Secret::<Secp256k1>(Secp256k1::random_scalar(randomness));
        let commitment = AffinePoint::from(Secp256k1::generator_times(&k.0));
        let (label, body_hash) = (scope.label(), body_hash(&body.0));
        let mut header = Header { label, ephemeral, body_hash, commitment, response: Scalar::ZERO };
        header.response = k.0 + header.challenge(&scope.public_key) * e.0;
        Ciphertext { header, body }
    }
}

impl Header {
    fn challenge(&self, public_key: &ProjectivePoint) -> Scalar {
        let transcript =
            Transcript::new(Tag::CiphertextProof).with(&public_key.encoded()).with(&self.label);
        let transcript = transcript
            .with(&self.ephemeral.encoded())
            .with(&self.body_hash)
            .with(&self.commitment.encoded());
        transcript.finish_scalar::<Secp256k1>()
    }

    /// Whether it is for `scope`.
    pub(super) fn is_for(&self, scope: &Scope) -> bool {
        self.label == scope.label()
    }

    /// Whether the author proved that it knows `e`, for this key.
    pub(super) fn is_proved(&self, public_key: &ProjectivePoint) -> bool {
        let terms = [
            (ProjectivePoint::from(self.commitment), -Scalar::ONE),
            (ProjectivePoint::from(self.ephemeral), -self.challenge(public_key)),
        ];
        Secp256k1::is_identity(
            &(Secp256k1::generator_times(&self.response)
                + Secp256k1::public_sum_of_products(&terms)),
        )
    }
}

impl Ciphertext {
    /// Decodes what somebody stored or sent.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > OVERHEAD + MAX_PLAINTEXT + TAG_BYTES {
            Err(DecodeError::TooLong)
        } else {
            Self::decode_all(bytes)
        }
    }

    /// Whether it is encrypted to this scope, by somebody who could have decrypted it.
    pub fn verify(&self, scope: &Scope) -> bool {
        self.header.is_for(scope)
            && self.header.body_hash == body_hash(&self.body.0)
            && self.header.is_proved(&scope.public_key)
    }

    /// The plaintext, from `shared = e X = x E`. `None` when the body was not sealed under it.
    pub(super) fn open(
        &self,
        scope: &Scope,
        shared: &ProjectivePoint,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let key = body_key(scope, &self.header.ephemeral, shared);
        let (sealed, tag) = self.body.0.split_last_chunk::<TAG_BYTES>()?;
        let mut plaintext = Zeroizing::new(sealed.to_vec());
        let cipher = ChaCha20Poly1305::new((&*key).into());
        cipher
            .decrypt_inout_detached(&NONCE.into(), &[], plaintext.as_mut_slice().into(), tag.into())
            .ok()?;
        Some(plaintext)
    }
}

fn body_hash(body: &[u8]) -> [u8; 32] {
    Transcript::new(Tag::CiphertextBody).with(body).finish()
}

/// The key of one body.
fn body_key(
    scope: &Scope,
    ephemeral: &AffinePoint,
    shared: &ProjectivePoint,
) -> Zeroizing<[u8; 32]> {
    let transcript =
        Transcript::new(Tag::CiphertextKey).with(&scope.label()).with(&ephemeral.encoded());
    Zeroizing::new(transcript.with(&Zeroizing::new(shared.encoded())).finish())
}
