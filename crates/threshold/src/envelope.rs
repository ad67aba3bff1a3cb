//! What one party sends another in a protocol run: a message sealed with its sender's Ed25519
//! signature (RFC 8032, verified strictly).

use crate::codec::{Bytes, Decode, DecodeError, Encode, Message, Reader};
use crate::fault::Fault;
use crate::messages;
use crate::party::PartyId;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript, bulk_hash};
use core::fmt;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::Zeroize;

/// Whom a message is for. What everybody gets is signed once, for all: two versions of it prove
/// cheating.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum To {
    /// Every other participant.
    All,
    /// One participant alone; the body may be secret.
    One(PartyId),
}

impl Encode for To {
    fn encode(&self, out: &mut Vec<u8>) {
        let number = match self {
            To::All => 0u16,
            To::One(id) => id.number(),
        };
        number.encode(out);
    }
}

impl Decode for To {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(PartyId::new(u16::decode(reader)?).map_or(To::All, To::One))
    }
}

/// The part of a message that is long, masked as it is made, and no secret, together with its hash:
/// the signature covers the hash, and so does every challenge over these bytes, so that nobody
/// hashes them twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bulk {
    bytes: Vec<u8>,
    hash: [u8; 32],
}

impl Bulk {
    /// Hashes the bytes, once.
    pub fn new(bytes: Vec<u8>) -> Self {
        Bulk { hash: bulk_hash(&bytes), bytes }
    }

    /// The long part itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the signature covers in the place of the bytes.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Takes the bytes out, and leaves none behind.
    pub(crate) fn take(&mut self) -> Self {
        Bulk { bytes: core::mem::take(&mut self.bytes), hash: self.hash }
    }
}

/// One message of a protocol run, signed by its sender.
#[derive(Clone)]
#[cfg_attr(any(test, feature = "testing"), derive(PartialEq, Eq))]
pub struct Envelope {
    /// The run that it belongs to.
    pub sid: SessionId,
    /// From 1, in the order of the protocol.
    pub round: u16,
    /// The party that signed it.
    pub from: PartyId,
    /// Whom it is for.
    pub to: To,
    /// The encoded message.
    pub body: Bytes,
    /// Empty in all but the longest messages.
    pub bulk: Bytes,
    /// Ed25519, over all the rest with the bulk by its hash.
    pub signature: [u8; 64],
}

impl Envelope {
    /// Encodes and signs `message`.
    pub fn seal(
        key: &SigningKey,
        sid: SessionId,
        round: u16,
        from: PartyId,
        to: To,
        message: &impl Message,
    ) -> Self {
        Self::seal_bytes(key, sid, round, from, to, message.encoded())
    }

    /// Signs a body that is already encoded, without a bulk.
    pub fn seal_bytes(
        key: &SigningKey,
        sid: SessionId,
        round: u16,
        from: PartyId,
        to: To,
        body: Vec<u8>,
    ) -> Self {
        Self::seal_with_bulk(key, sid, round, from, to, body, Bulk::new(Vec::new()))
    }

    /// Signs a body that is already encoded, and what is too long to be in it.
    pub fn seal_with_bulk(
        key: &SigningKey,
        sid: SessionId,
        round: u16,
        from: PartyId,
        to: To,
        body: Vec<u8>,
        bulk: Bulk,
    ) -> Self {
        let Bulk { bytes, hash } = bulk;
        let mut envelope = Envelope {
            sid,
            round,
            from,
            to,
            body: Bytes(body),
            bulk: Bytes(bytes),
            signature: [0; 64],
        };
        envelope.signature = key.sign(&envelope.signed_hash(&hash)).to_bytes();
        envelope
    }

    fn signed_hash(&self, bulk_hash: &[u8; 32]) -> [u8; 32] {
        let mut transcript =
            Transcript::new(Tag::Envelope).with(&self.sid).with_number(u64::from(self.round));
        transcript.append(&self.from.encoded()).append(&self.to.encoded()).append(&self.body.0);
        transcript.with(bulk_hash).finish()
    }

    /// Whether `identity` signed exactly this.
    pub fn is_signed_by(&self, identity: &[u8; 32]) -> bool {
        self.is_signed_with(&bulk_hash(&self.bulk.0), identity)
    }

    pub(crate) fn is_signed_with(&self, bulk_hash: &[u8; 32], identity: &[u8; 32]) -> bool {
        verify(identity, &self.signed_hash(bulk_hash), &self.signature)
    }

    /// The body as a message of the expected kind. A signed body that does not decode proves its
    /// sender wrong.
    pub fn open<M: Message>(&self) -> Result<M, Fault> {
        M::decode_all(&self.body.0).map_err(|_| self.malformed())
    }

    pub(crate) fn malformed(&self) -> Fault {
        Fault::Proven { party: self.from, check: "message form" }
    }
}

/// Without body and signature: what one party alone is sent may be secret.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Envelope { round, from, to, body, bulk, .. } = self;
        write!(
            f,
            "Envelope(round {round}, from {from} to {to:?}, {} bytes and {} of bulk)",
            body.0.len(),
            bulk.0.len()
        )
    }
}

/// The body of what one party alone is sent may be secret; nothing else of a message is.
impl Zeroize for Envelope {
    fn zeroize(&mut self) {
        self.body.0.zeroize();
    }
}

impl Encode for Envelope {
    fn encode(&self, out: &mut Vec<u8>) {
        self.sid.encode(out);
        self.round.encode(out);
        self.from.encode(out);
        self.to.encode(out);
        self.body.encode(out);
        self.bulk.encode(out);
        self.signature.encode(out);
    }
}

impl Decode for Envelope {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Envelope {
            sid: Decode::decode(reader)?,
            round: Decode::decode(reader)?,
            from: Decode::decode(reader)?,
            to: Decode::decode(reader)?,
            body: Decode::decode(reader)?,
            bulk: Decode::decode(reader)?,
            signature: Decode::decode(reader)?,
        })
    }
}

messages! {
    /// A message with the hash of its bulk in the place of the bulk. The sender's signature covers
    /// no more than that.
    #[derive(Clone, Debug)]
    #[cfg_attr(any(test, feature = "testing"), derive(PartialEq, Eq))]
    pub struct Receipt {
        /// Its bulk is empty.
        pub envelope: Envelope,
        /// Of what was taken out.
        pub bulk_hash: [u8; 32],
    }
}

impl Receipt {
    /// Takes the bulk out of a message.
    pub fn of(mut envelope: Envelope) -> (Self, Vec<u8>) {
        let bulk = core::mem::take(&mut envelope.bulk.0);
        (Receipt { envelope, bulk_hash: bulk_hash(&bulk) }, bulk)
    }

    /// Whether `identity` signed the message that this is of.
    pub fn is_signed_by(&self, identity: &[u8; 32]) -> bool {
        self.envelope.bulk.0.is_empty() && self.envelope.is_signed_with(&self.bulk_hash, identity)
    }

    /// Whether the same was signed: signatures themselves may differ.
    pub fn says_the_same(&self, other: &Receipt) -> bool {
        self.envelope.body == other.envelope.body && self.bulk_hash == other.bulk_hash
    }
}

/// Strict Ed25519 verification.
pub fn verify(identity: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(identity) else { return false };
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: SessionId = [7; 32];

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[1; 32])
    }

    fn sealed(bulk: &[u8]) -> (Envelope, [u8; 32]) {
        let bulk = Bulk::new(bulk.to_vec());
        let envelope = Envelope::seal_with_bulk(
            &key(),
            SID,
            3,
            party(1),
            To::One(party(2)),
            vec![1, 2, 3],
            bulk,
        );
        (envelope, key().verifying_key().to_bytes())
    }

    #[test]
    fn a_bulk_is_its_bytes_and_their_hash() {
        let bulk = Bulk::new(vec![4, 5]);
        assert_eq!((bulk.bytes(), bulk.hash()), (&[4, 5][..], &bulk_hash(&[4, 5])));
        assert_ne!(bulk.hash(), Bulk::new(vec![4]).hash());
    }

    #[test]
    fn a_receipt_is_of_one_message() {
        let (envelope, identity) = sealed(&[2, 3]);
        let (receipt, bulk) = Receipt::of(envelope.clone());
        assert_eq!(bulk, [2, 3]);
        assert!(receipt.is_signed_by(&identity));
        assert!(!receipt.is_signed_by(SigningKey::from_bytes(&[2; 32]).verifying_key().as_bytes()));
        let with_its_bulk = Receipt { envelope, ..receipt.clone() };
        assert!(!with_its_bulk.is_signed_by(&identity));
        let of_another_bulk = Receipt { bulk_hash: [0; 32], ..receipt.clone() };
        assert!(!of_another_bulk.is_signed_by(&identity));
        let mut of_another_body = receipt.clone();
        of_another_body.envelope.body.0[0] ^= 1;
        assert!(receipt.says_the_same(&receipt));
        assert!(
            !receipt.says_the_same(&of_another_bulk) && !receipt.says_the_same(&of_another_body)
        );
        assert_eq!(Receipt::decode_all(&receipt.encoded()), Ok(receipt));
    }

    #[test]
    fn a_signature_covers_the_body_the_bulk_and_the_place() {
        let (envelope, identity) = sealed(&[4, 5]);
        assert!(envelope.is_signed_by(&identity));
        let alterations: [fn(&mut Envelope); 8] = [
            |envelope| envelope.sid[0] ^= 1,
            |envelope| envelope.round += 1,
            |envelope| envelope.from = PartyId::new(3).unwrap(),
            |envelope| envelope.to = To::All,
            |envelope| envelope.body.0[0] ^= 1,
            |envelope| envelope.bulk.0[0] ^= 1,
            |envelope| envelope.bulk.0.clear(),
            |envelope| envelope.signature[0] ^= 1,
        ];
        for (at, alter) in alterations.iter().enumerate() {
            let mut altered = envelope.clone();
            alter(&mut altered);
            assert!(!altered.is_signed_by(&identity), "alteration {at}");
        }
    }

    #[test]
    fn erasing_a_message_erases_its_body() {
        let (mut envelope, _) = sealed(&[4, 5]);
        envelope.zeroize();
        assert!(envelope.body.0.is_empty());
    }

    #[test]
    fn an_envelope_is_decoded_as_it_was_encoded() {
        for bulk in [&[][..], &[4, 5]] {
            let (envelope, _) = sealed(bulk);
            assert_eq!(envelope.bulk.0, bulk);
            assert_eq!(Envelope::decode_all(&envelope.encoded()), Ok(envelope));
        }
    }
}
