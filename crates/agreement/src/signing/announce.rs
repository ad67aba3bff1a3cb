//! A node's signed word on one call: yes to this digest, or no.

use conclave_threshold::codec::{Bytes, Decode, DecodeError, Encode, Reader};
use conclave_threshold::envelope::verify;
use conclave_threshold::ids::{Digest, EpochDigest, NameHash, RequestKey};
use conclave_threshold::online::SignedAssignment;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::transcript::{Tag, Transcript};
use ed25519_dalek::{Signer, SigningKey};

/// What a node found when it checked the request for itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// The request may have this digest signed.
    Yes {
        /// What is to be signed.
        digest: Digest,
    },
    /// It may not: the error code that the node's client sees.
    No {
        /// An error code.
        reason: String,
    },
}

/// The longest reason that travels.
pub const MAX_REASON: usize = 128;

impl Encode for Verdict {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Verdict::Yes { digest } => {
                1u16.encode(out);
                digest.encode(out);
            }
            Verdict::No { reason } => {
                0u16.encode(out);
                Bytes(reason.as_bytes().iter().copied().take(MAX_REASON).collect()).encode(out);
            }
        }
    }
}

impl Decode for Verdict {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match u16::decode(reader)? {
            1 => Ok(Verdict::Yes { digest: Decode::decode(reader)? }),
            0 => {
                let reason = Bytes::decode(reader)?.0;
                let graphic = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                if reason.len() > MAX_REASON || !reason.iter().all(graphic) {
                    return Err(DecodeError::NotCanonical("reason"));
                }
                Ok(Verdict::No { reason: String::from_utf8_lossy(&reason).into_owned() })
            }
            _ => Err(DecodeError::NotCanonical("verdict")),
        }
    }
}

/// What is announced to the assigner of one attempt. For every attempt above 0 it is also the
/// promise never to give a share of an earlier one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Announce {
    /// The request that asks for it.
    pub request_key: RequestKey,
    /// Hash of the signature's name in that request.
    pub name_hash: NameHash,
    /// The key, compressed.
    pub public_key: [u8; 33],
    /// What the node found.
    pub verdict: Verdict,
    /// Digest of the epoch.
    pub epoch: EpochDigest,
    /// Counted from 0.
    pub attempt: u16,
    /// The node that announces.
    pub from: PartyId,
    /// The assignment of an earlier attempt that came to nothing, if the node saw one.
    pub previous: Option<SignedAssignment>,
}

impl Announce {
    fn encode_fields(&self, out: &mut Vec<u8>) {
        self.request_key.encode(out);
        self.name_hash.encode(out);
        self.public_key.encode(out);
        self.verdict.encode(out);
        self.epoch.encode(out);
        self.attempt.encode(out);
        self.from.encode(out);
        self.previous.iter().cloned().collect::<Vec<_>>().encode(out);
    }

    fn hash(&self) -> [u8; 32] {
        let mut fields = Vec::new();
        self.encode_fields(&mut fields);
        Transcript::new(Tag::Announce).with(&fields).finish()
    }

    /// Signs it with the author's key.
    pub fn sign(self, key: &SigningKey) -> SignedAnnounce {
        let signature = key.sign(&self.hash()).to_bytes();
        SignedAnnounce { announce: self, signature }
    }
}

/// An [`Announce`] with its author's Ed25519 signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedAnnounce {
    /// What is said.
    pub announce: Announce,
    /// The Ed25519 signature of its author.
    pub signature: [u8; 64],
}

impl SignedAnnounce {
    /// Whether its author is a member of `epoch` and signed it for this epoch.
    pub fn verify(&self, epoch: &Epoch) -> bool {
        let identity = epoch.identity(self.announce.from);
        let earlier = |signed: &SignedAssignment| {
            let previous = &signed.assignment;
            let same = previous.request_key == self.announce.request_key
                && previous.name_hash == self.announce.name_hash;
            same && previous.attempt < self.announce.attempt && signed.verify(epoch).is_ok()
        };
        if !self.announce.previous.iter().all(earlier) {
            return false;
        }
        self.announce.epoch == epoch.digest()
            && identity.is_some_and(|key| verify(key, &self.announce.hash(), &self.signature))
    }
}

impl Encode for SignedAnnounce {
    fn encode(&self, out: &mut Vec<u8>) {
        self.announce.encode_fields(out);
        self.signature.encode(out);
    }
}

impl Decode for SignedAnnounce {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let announce = Announce {
            request_key: Decode::decode(reader)?,
            name_hash: Decode::decode(reader)?,
            public_key: Decode::decode(reader)?,
            verdict: Decode::decode(reader)?,
            epoch: Decode::decode(reader)?,
            attempt: Decode::decode(reader)?,
            from: Decode::decode(reader)?,
            previous: {
                let previous = Vec::<SignedAssignment>::decode(reader)?;
                if previous.len() > 1 {
                    return Err(DecodeError::NotCanonical("previous assignment"));
                }
                previous.into_iter().next()
            },
        };
        Ok(SignedAnnounce { announce, signature: Decode::decode(reader)? })
    }
}
