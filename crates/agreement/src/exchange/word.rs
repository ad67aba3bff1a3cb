//! What a node says in an exchange, with its signature.

use conclave_threshold::codec::{Bytes, Decode, DecodeError, Encode, Reader};
use conclave_threshold::envelope::verify;
use conclave_threshold::ids::{EpochDigest, RequestKey};
use conclave_threshold::online::{MAX_ANSWER, Signature};
use conclave_threshold::party::{Epoch, MAX_MEMBERS, PartyId};
use conclave_threshold::transcript::{Tag, Transcript, bulk_hash};
use ed25519_dalek::{Signer, SigningKey};

/// The longest value that a node gives to the others, in bytes.
pub const MAX_VALUE: usize = 16 << 10;
/// The longest result of what one node runs for all, in bytes.
pub const MAX_RESULT: usize = 100 << 10;

/// Names one exchange for all nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExchangeId(pub [u8; 32]);

/// What an exchange is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Operation {
    /// Every member gives a value.
    Collect = 1,
    /// One member runs something for all.
    Turn = 2,
    /// The shares of a signature are put together.
    Combine = 3,
}

/// The exchange that the action with this CID begins under this name, when it has begun so many of
/// that name and kind before.
pub fn exchange_id(
    request_key: &RequestKey,
    cid: &str,
    operation: Operation,
    name: &str,
    earlier: u32,
) -> ExchangeId {
    let transcript = Transcript::new(Tag::Exchange)
        .with(request_key.as_bytes())
        .with(cid.as_bytes())
        .with_number(operation as u64);
    ExchangeId(transcript.with(name.as_bytes()).with_number(u64::from(earlier)).finish())
}

/// What a member says in an exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// This node's value.
    Value(String),
    /// The values that count.
    Settled(Vec<Given>),
    /// Who runs what one node runs for all: the author itself, or one that it found running
    /// already.
    Claim(PartyId),
    /// What it brought.
    Result(String),
    /// This node's answer to the call, as its client would get it.
    Share(Vec<u8>),
    /// The shares put together.
    Signature(Signature),
}

/// A [`Word::Value`] as others show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// The member that gave it.
    pub author: PartyId,
    /// The value.
    pub value: String,
    /// The Ed25519 signature of its author.
    pub signature: [u8; 64],
}

/// A [`Word`] with its author's Ed25519 signature, for one exchange of one epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedWord {
    /// The exchange that it belongs to.
    pub exchange: ExchangeId,
    /// The member that says it.
    pub author: PartyId,
    /// What is said.
    pub word: Word,
    /// The Ed25519 signature of its author.
    pub signature: [u8; 64],
}

fn signed_hash(
    epoch: &EpochDigest,
    exchange: &ExchangeId,
    author: PartyId,
    word: &Word,
) -> [u8; 32] {
    let transcript = Transcript::new(Tag::ExchangeWord).with(epoch.as_bytes()).with(&exchange.0);
    transcript.with_number(u64::from(author.number())).with(&bulk_hash(&word.encoded())).finish()
}

impl SignedWord {
    /// `epoch` is [`Epoch::digest`].
    pub fn new(
        epoch: &EpochDigest,
        exchange: ExchangeId,
        author: PartyId,
        word: Word,
        key: &SigningKey,
    ) -> Self {
        let signature = key.sign(&signed_hash(epoch, &exchange, author, &word)).to_bytes();
        SignedWord { exchange, author, word, signature }
    }

    /// Whether its author is a member and said it in this exchange of this epoch; of values that
    /// count, whether each was given, and by enough.
    pub fn verify(&self, epoch: &Epoch, digest: &EpochDigest) -> bool {
        let signed = |author: PartyId, word: &Word, signature: &[u8; 64]| {
            let hash = signed_hash(digest, &self.exchange, author, word);
            epoch.identity(author).is_some_and(|identity| verify(identity, &hash, signature))
        };
        let sound = match &self.word {
            Word::Settled(given) => {
                let ascending = given.is_sorted_by(|one, next| one.author < next.author);
                let enough = given.len() >= usize::from(epoch.threshold());
                enough
                    && ascending
                    && given.iter().all(|one| {
                        signed(one.author, &Word::Value(one.value.clone()), &one.signature)
                    })
            }
            Word::Claim(runner) => epoch.identity(*runner).is_some(),
            _ => true,
        };
        sound && signed(self.author, &self.word, &self.signature)
    }

    /// The value as others show it; `None` for other words.
    pub(super) fn given(&self) -> Option<Given> {
        let Word::Value(value) = &self.word else { return None };
        Some(Given { author: self.author, value: value.clone(), signature: self.signature })
    }

    /// What it takes in memory, in bytes, nearly.
    pub(super) fn size(&self) -> usize {
        const AROUND: usize = 192;
        let body = match &self.word {
            Word::Value(text) | Word::Result(text) => text.len(),
            Word::Settled(given) => given.iter().map(|one| one.value.len() + AROUND).sum(),
            Word::Share(bytes) => bytes.len(),
            Word::Claim(_) | Word::Signature(_) => 0,
        };
        body + AROUND
    }
}

fn encode_text(text: &str, out: &mut Vec<u8>) {
    (text.len() as u32).encode(out);
    out.extend_from_slice(text.as_bytes());
}

fn decode_text(reader: &mut Reader<'_>, most: usize) -> Result<String, DecodeError> {
    let Bytes(bytes) = Bytes::decode(reader)?;
    if bytes.len() > most {
        return Err(DecodeError::NotCanonical("length of a text"));
    }
    String::from_utf8(bytes).map_err(|_| DecodeError::NotCanonical("text"))
}

impl Encode for Word {
    fn encode(&self, out: &mut Vec<u8>) {
        let kind: u16 = match self {
            Word::Value(_) => 1,
            Word::Settled(_) => 2,
            Word::Claim(_) => 3,
            Word::Result(_) => 4,
            Word::Share(_) => 5,
            Word::Signature(_) => 6,
        };
        kind.encode(out);
        match self {
            Word::Value(text) | Word::Result(text) => encode_text(text, out),
            Word::Settled(given) => given.encode(out),
            Word::Claim(runner) => runner.encode(out),
            Word::Share(bytes) => {
                (bytes.len() as u32).encode(out);
                out.extend_from_slice(bytes);
            }
            Word::Signature(Signature { r, s, recovery_id }) => {
                r.encode(out);
                s.encode(out);
                u16::from(*recovery_id).encode(out);
            }
        }
    }
}

impl Decode for Word {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match u16::decode(reader)? {
            1 => Word::Value(decode_text(reader, MAX_VALUE)?),
            2 => {
                let given = Vec::<Given>::decode(reader)?;
                if given.len() > MAX_MEMBERS {
                    return Err(DecodeError::NotCanonical("value count"));
                }
                Word::Settled(given)
            }
            3 => Word::Claim(Decode::decode(reader)?),
            4 => Word::Result(decode_text(reader, MAX_RESULT)?),
            5 => {
                let Bytes(bytes) = Bytes::decode(reader)?;
                if bytes.len() > MAX_ANSWER {
                    return Err(DecodeError::NotCanonical("length of an answer"));
                }
                Word::Share(bytes)
            }
            6 => {
                let (r, s) = (Decode::decode(reader)?, Decode::decode(reader)?);
                let recovery_id = u8::try_from(u16::decode(reader)?).ok().filter(|id| *id < 4);
                Word::Signature(Signature {
                    r,
                    s,
                    recovery_id: recovery_id.ok_or(DecodeError::NotCanonical("recovery id"))?,
                })
            }
            _ => return Err(DecodeError::NotCanonical("word of an exchange")),
        })
    }
}

impl Encode for Given {
    fn encode(&self, out: &mut Vec<u8>) {
        self.author.encode(out);
        encode_text(&self.value, out);
        self.signature.encode(out);
    }
}

impl Decode for Given {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let author = Decode::decode(reader)?;
        Ok(Given {
            author,
            value: decode_text(reader, MAX_VALUE)?,
            signature: Decode::decode(reader)?,
        })
    }
}

impl Encode for SignedWord {
    fn encode(&self, out: &mut Vec<u8>) {
        self.exchange.0.encode(out);
        self.author.encode(out);
        self.word.encode(out);
        self.signature.encode(out);
    }
}

impl Decode for SignedWord {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(SignedWord {
            exchange: ExchangeId(Decode::decode(reader)?),
            author: Decode::decode(reader)?,
            word: Decode::decode(reader)?,
            signature: Decode::decode(reader)?,
        })
    }
}

#[cfg(test)]
mod tests;
