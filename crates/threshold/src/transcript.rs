//! The one place that hashes: SHA-256 over a tag and length-prefixed fields, so that two different inputs are never the same bytes.
//! What is megabytes long enters as its [`bulk_hash`].

use crate::group::Curve;
use sha2::{Digest, Sha256};

/// Every use of the hash has a tag of its own. An enum, so that two uses cannot share one by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tag {
    Session,
    Envelope,
    Bulk,
    MerkleLeaf,
    MerkleNode,
    Randomness,
    DkgCommitment,
    DkgProof,
    DkgTranscript,
    BaseOtPoint,
    BaseOtPad,
    BaseOtHandle,
    ExtensionChallenge,
    ExtensionPad,
    ExtensionSeed,
    MultiplicationGadget,
    MultiplicationChallenge,
    MultiplicationCheck,
    PresignCommitment,
    PresignEntropy,
    PresignProof,
    PresignLeaf,
    PresignRoot,
    Assignment,
    Bind,
    Use,
    ShareAnswer,
    Announce,
    RequestKey,
}

impl Tag {
    /// The bytes that begin every hash of this use.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Tag::Session => b"conclave/v1/session",
            Tag::Envelope => b"conclave/v1/envelope",
            Tag::Bulk => b"conclave/v1/bulk",
            Tag::MerkleLeaf => b"conclave/v1/merkle-leaf",
            Tag::MerkleNode => b"conclave/v1/merkle-node",
            Tag::Randomness => b"conclave/v1/randomness",
            Tag::DkgCommitment => b"conclave/v1/dkg-commitment",
            Tag::DkgProof => b"conclave/v1/dkg-proof",
            Tag::DkgTranscript => b"conclave/v1/dkg-transcript",
            Tag::BaseOtPoint => b"conclave/v1/base-ot-point",
            Tag::BaseOtPad => b"conclave/v1/base-ot-pad",
            Tag::BaseOtHandle => b"conclave/v1/base-ot-handle",
            Tag::ExtensionChallenge => b"conclave/v1/extension-challenge",
            Tag::ExtensionPad => b"conclave/v1/extension-pad",
            Tag::ExtensionSeed => b"conclave/v1/extension-seed",
            Tag::MultiplicationGadget => b"conclave/v1/multiplication-gadget",
            Tag::MultiplicationChallenge => b"conclave/v1/multiplication-challenge",
            Tag::MultiplicationCheck => b"conclave/v1/multiplication-check",
            Tag::PresignCommitment => b"conclave/v1/presign-commitment",
            Tag::PresignEntropy => b"conclave/v1/presign-entropy",
            Tag::PresignProof => b"conclave/v1/presign-proof",
            Tag::PresignLeaf => b"conclave/v1/presign-leaf",
            Tag::PresignRoot => b"conclave/v1/presign-root",
            Tag::Assignment => b"conclave/v1/assignment",
            Tag::Bind => b"conclave/v1/bind",
            Tag::Use => b"conclave/v1/use",
            Tag::ShareAnswer => b"conclave/v1/share-answer",
            Tag::Announce => b"conclave/v1/announce",
            Tag::RequestKey => b"conclave/v1/request-key",
        }
    }
}

/// A running hash. Fields are appended in order and each is prefixed with its length in bytes (u64, big-endian).
#[derive(Clone)]
pub struct Transcript(Sha256);

impl Transcript {
    pub fn new(tag: Tag) -> Self {
        let mut transcript = Transcript(Sha256::new());
        transcript.append(tag.bytes());
        transcript
    }

    pub fn append(&mut self, field: &[u8]) -> &mut Self {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
        self
    }

    /// [`append`](Self::append), for building in one expression.
    pub fn with(mut self, field: &[u8]) -> Self {
        self.append(field);
        self
    }

    pub fn append_number(&mut self, number: u64) -> &mut Self {
        self.append(&number.to_be_bytes())
    }

    pub fn with_number(mut self, number: u64) -> Self {
        self.append_number(number);
        self
    }

    /// 32 bytes.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    /// 64 bytes: the hash of two continuations that differ in their last field.
    pub fn finish_wide(self) -> [u8; 64] {
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&self.clone().with(&[0]).finish());
        wide[32..].copy_from_slice(&self.with(&[1]).finish());
        wide
    }

    /// A scalar within statistical distance 2^-256 of uniform.
    pub fn finish_scalar<C: Curve>(self) -> C::Scalar {
        C::reduce_wide(&self.finish_wide())
    }
}

/// Stands for long bytes in a [`Transcript`], whose tag says what they are. BLAKE3, keyed with a tag of its own: a third of the time
/// of SHA-256 where there is much to hash.
pub fn bulk_hash(bytes: &[u8]) -> [u8; 32] {
    *blake3::keyed_hash(&Transcript::new(Tag::Bulk).finish(), bytes).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bulk_hash_is_blake3_keyed_with_its_tag() {
        let key = Transcript::new(Tag::Bulk).finish();
        for bytes in [&[][..], b"bulk", &[7; 5000]] {
            assert_eq!(bulk_hash(bytes), *blake3::keyed_hash(&key, bytes).as_bytes());
            assert_ne!(bulk_hash(bytes), *blake3::hash(bytes).as_bytes());
        }
        assert_ne!(bulk_hash(&[]), bulk_hash(&[0]));
    }

    proptest! {
        #[test]
        fn different_field_lists_hash_to_different_values(a in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 0..5),
                                                          b in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 0..5)) {
            let hash = |fields: &[Vec<u8>]| fields.iter().fold(Transcript::new(Tag::Session), |t, f| t.with(f)).finish();
            prop_assert_eq!(a == b, hash(&a) == hash(&b));
        }
    }
}
