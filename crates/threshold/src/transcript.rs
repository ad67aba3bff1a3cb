//! The one place that hashes: SHA-256 over a tag and length-prefixed fields, so that two different
//! inputs are never the same bytes. What is megabytes long enters as its [`bulk_hash`].

use crate::group::Curve;
use sha2::{Digest, Sha256};

macro_rules! tags {
    ($($tag:ident = $name:literal,)*) => {
        /// Every use of the hash has a tag of its own. An enum, so that two uses cannot share one
        /// by accident.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Tag {
            $(
                #[doc = concat!("Begins with `conclave/v1/", $name, "`.")]
                $tag,
            )*
        }

        impl Tag {
            /// The bytes that begin every hash of this use.
            pub const fn bytes(self) -> &'static [u8] {
                match self {
                    $(Tag::$tag => concat!("conclave/v1/", $name).as_bytes(),)*
                }
            }
        }

        const ALL: &[&[u8]] = &[$(Tag::$tag.bytes(),)*];
    };
}

tags! {
    Session = "session",
    Network = "network",
    Epoch = "epoch",
    Envelope = "envelope",
    Bulk = "bulk",
    MerkleLeaf = "merkle-leaf",
    MerkleNode = "merkle-node",
    MerkleRoot = "merkle-root",
    Randomness = "randomness",
    RandomnessFork = "randomness-fork",
    DkgStatement = "dkg-statement",
    DkgCommitment = "dkg-commitment",
    DkgProof = "dkg-proof",
    DkgTranscript = "dkg-transcript",
    FeldmanVector = "feldman-vector",
    ReshareProposal = "reshare-proposal",
    ReshareCommitment = "reshare-commitment",
    ReshareTranscript = "reshare-transcript",
    ReshareVote = "reshare-vote",
    BaseOtPoint = "base-ot-point",
    BaseOtPad = "base-ot-pad",
    BaseOtHandle = "base-ot-handle",
    ExtensionChallenge = "extension-challenge",
    ExtensionPad = "extension-pad",
    ExtensionSeed = "extension-seed",
    MultiplicationGadget = "multiplication-gadget",
    MultiplicationChallenge = "multiplication-challenge",
    MultiplicationCheck = "multiplication-check",
    PresignCommitment = "presign-commitment",
    PresignEntropy = "presign-entropy",
    PresignEcho = "presign-echo",
    PresignProof = "presign-proof",
    PresignRoot = "presign-root",
    RootKeys = "root-keys",
    DecryptionLabel = "decryption-label",
    CiphertextProof = "ciphertext-proof",
    CiphertextBody = "ciphertext-body",
    CiphertextKey = "ciphertext-key",
    DecryptionNonce = "decryption-nonce",
    DecryptionProof = "decryption-proof",
    DecryptionShare = "decryption-share",
    Assignment = "assignment",
    Bind = "bind",
    Use = "use",
    ShareAnswer = "share-answer",
    Announce = "announce",
    Proposal = "proposal",
    RequestKey = "request-key",
    SignatureName = "signature-name",
    RepeatedName = "repeated-name",
    Call = "call",
    AssignerOrder = "assigner-order",
    Exchange = "exchange",
    ExchangeWord = "exchange-word",
}

/// Two uses with the same bytes do not compile.
const _: () = assert!(all_differ(ALL), "two tags have the same bytes");

#[expect(clippy::indexing_slicing, reason = "iterators are not for constants yet")]
const fn all_differ(all: &[&[u8]]) -> bool {
    let mut at = 0;
    while at < all.len() {
        let mut other = 0;
        while other < at {
            if same(all[at], all[other]) {
                return false;
            }
            other += 1;
        }
        at += 1;
    }
    true
}

#[expect(clippy::indexing_slicing, reason = "iterators are not for constants yet")]
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// A running hash. Fields are appended in order and each is prefixed with its length in bytes (u64,
/// big-endian).
#[derive(Clone)]
pub struct Transcript(Sha256);

impl Transcript {
    /// Begins with the tag of its use.
    pub fn new(tag: Tag) -> Self {
        let mut transcript = Transcript(Sha256::new());
        transcript.append(tag.bytes());
        transcript
    }

    /// Adds one field behind its length.
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

    /// Adds eight bytes, big-endian, as one field.
    pub fn append_number(&mut self, number: u64) -> &mut Self {
        self.append(&number.to_be_bytes())
    }

    /// [`append_number`](Self::append_number), in a chain.
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

/// Stands for long bytes in a [`Transcript`], whose tag says what they are. BLAKE3, keyed with a
/// tag of its own: a third of the time of SHA-256 where there is much to hash.
pub fn bulk_hash(bytes: &[u8]) -> [u8; 32] {
    *blake3::keyed_hash(&Transcript::new(Tag::Bulk).finish(), bytes).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_are_the_same_when_all_and_no_more_of_them_are() {
        assert!(same(b"", b"") && same(b"ab", b"ab"));
        assert!(
            !same(b"ab", b"a") && !same(b"a", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"bb")
        );
    }

    #[test]
    fn no_two_of_a_list_may_be_the_same() {
        assert!(all_differ(&[]) && all_differ(&[b"a"]) && all_differ(&[b"a", b"b", b"c"]));
        assert!(
            !all_differ(&[b"a", b"a"])
                && !all_differ(&[b"a", b"b", b"a"])
                && !all_differ(&[b"a", b"b", b"b"])
        );
    }

    #[test]
    fn a_tag_is_its_name_after_the_protocols() {
        assert_eq!(Tag::Session.bytes(), b"conclave/v1/session");
        assert_eq!(Tag::AssignerOrder.bytes(), b"conclave/v1/assigner-order");
    }

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
