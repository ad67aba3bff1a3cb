//! Signed messages, and the inbox of one protocol run.

use crate::codec::{Bytes, Decode, DecodeError, Encode, Message, Reader};
use crate::fault::Fault;
use crate::messages;
use crate::party::{Epoch, PartyId};
use crate::transcript::{Tag, Transcript, bulk_hash};
use core::fmt;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The id of one run of one protocol: a hash over the network, the epoch, the participants, the
/// parameters and a fresh nonce of every participant.
pub type SessionId = [u8; 32];

/// Whom a message is for. What everybody gets is signed once, for all: two versions of it prove
/// cheating.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum To {
    All,
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
    pub fn new(bytes: Vec<u8>) -> Self {
        Bulk { hash: bulk_hash(&bytes), bytes }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

/// One message of a protocol run, signed by its sender.
#[derive(Clone)]
#[cfg_attr(any(test, feature = "testing"), derive(PartialEq, Eq))]
pub struct Envelope {
    pub sid: SessionId,
    pub round: u16,
    pub from: PartyId,
    pub to: To,
    pub body: Bytes,
    /// Empty in all but the longest messages.
    pub bulk: Bytes,
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

    fn is_signed_with(&self, bulk_hash: &[u8; 32], identity: &[u8; 32]) -> bool {
        verify(identity, &self.signed_hash(bulk_hash), &self.signature)
    }

    /// The body as a message of the expected kind. A signed body that does not decode proves its
    /// sender wrong.
    pub fn open<M: Message>(&self) -> Result<M, Fault> {
        M::decode_all(&self.body.0).map_err(|_| self.malformed())
    }

    fn malformed(&self) -> Fault {
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

/// A protocol run as its caller sees it.
pub trait Machine {
    type Output;

    /// Takes one message from the authenticated link of `link` and returns what is to be sent.
    /// After a fatal fault the machine is dead: drop it.
    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Fault>;

    /// The result, once, when the run is complete.
    fn output(&mut self) -> Option<Self::Output>;

    /// Whose messages the present round still lacks.
    fn waiting_for(&self) -> Vec<PartyId>;
}

/// The messages of one run by round and sender: checks who, what for and the signature, keeps early
/// ones for their round, ignores repeats, and turns two different ones for one place into proof.
pub struct Inbox {
    sid: SessionId,
    me: PartyId,
    identities: BTreeMap<PartyId, [u8; 32]>,
    rounds: BTreeMap<(u16, bool), BTreeMap<PartyId, Received>>,
    /// For each round: whether everybody gets a message, and whether each gets one of its own.
    shape: Vec<RoundShape>,
}

/// A message whose signature has been checked.
#[derive(ZeroizeOnDrop)]
struct Received {
    /// Without its bulk.
    envelope: Envelope,
    #[zeroize(skip)]
    bulk: Bulk,
}

/// What each sender sends in a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoundShape {
    pub broadcast: bool,
    pub direct: bool,
}

impl Inbox {
    /// Rounds are numbered from 1 in the order of `shape`.
    pub fn new(
        sid: SessionId,
        epoch: &Epoch,
        participants: &[PartyId],
        me: PartyId,
        shape: Vec<RoundShape>,
    ) -> Self {
        let identities = participants
            .iter()
            .filter_map(|id| epoch.identity(*id).map(|key| (*id, *key)))
            .collect();
        Self::of(sid, identities, me, shape)
    }

    /// For participants who are not all of one epoch: each with the key that it signs with.
    pub fn of(
        sid: SessionId,
        mut identities: BTreeMap<PartyId, [u8; 32]>,
        me: PartyId,
        shape: Vec<RoundShape>,
    ) -> Self {
        identities.remove(&me);
        Inbox { sid, me, identities, rounds: BTreeMap::new(), shape }
    }

    /// Stores the message, or says why not.
    pub fn put(&mut self, link: PartyId, mut envelope: Envelope) -> Result<(), Fault> {
        let rejected = |reason| Fault::Rejected { link, reason };
        if envelope.sid != self.sid {
            return Err(Fault::Mismatch { party: link, field: "session" });
        }
        if envelope.from != link {
            return Err(rejected("its sender is not the link's identity"));
        }
        let identity = self.identities.get(&link).ok_or(rejected("its sender takes no part"))?;
        let broadcast = envelope.to == To::All;
        let shape =
            envelope.round.checked_sub(1).and_then(|round| self.shape.get(usize::from(round)));
        let shape = shape.ok_or(rejected("there is no such round"))?;
        if (broadcast && !shape.broadcast) || (!broadcast && !shape.direct) {
            return Err(rejected("its round has no such message"));
        }
        if !broadcast && envelope.to != To::One(self.me) {
            return Err(rejected("it is for another party"));
        }
        let bulk = Bulk::new(core::mem::take(&mut envelope.bulk.0));
        if !envelope.is_signed_with(&bulk.hash, identity) {
            return Err(rejected("its signature is not the sender's"));
        }
        let place = self.rounds.entry((envelope.round, broadcast)).or_default();
        match place.get(&link) {
            None => {
                place.insert(link, Received { envelope, bulk });
                Ok(())
            }
            Some(first) if first.envelope.body == envelope.body && first.bulk.hash == bulk.hash => {
                Ok(())
            }
            Some(_) => Err(Fault::Proven { party: link, check: "one message per round" }),
        }
    }

    /// Who has not yet sent all of a round.
    pub fn missing(&self, round: u16) -> Vec<PartyId> {
        let Some(shape) = round.checked_sub(1).and_then(|round| self.shape.get(usize::from(round)))
        else {
            return Vec::new();
        };
        let has = |broadcast: bool, id: &PartyId| {
            self.rounds.get(&(round, broadcast)).is_some_and(|place| place.contains_key(id))
        };
        let lacks = |id: &&PartyId| {
            (shape.broadcast && !has(true, id)) || (shape.direct && !has(false, id))
        };
        self.identities.keys().filter(lacks).copied().collect()
    }

    /// The round's messages to everybody, decoded, by sender.
    pub fn broadcasts<M: Message>(&self, round: u16) -> Result<BTreeMap<PartyId, M>, Fault> {
        self.decoded(round, true)
    }

    /// The round's messages to this party alone, decoded, by sender.
    pub fn directs<M: Message>(&self, round: u16) -> Result<BTreeMap<PartyId, M>, Fault> {
        self.decoded(round, false)
    }

    /// All messages that were taken, by round and then by sender.
    pub fn receipts(&self) -> impl Iterator<Item = Receipt> {
        let received = self.rounds.values().flat_map(BTreeMap::values);
        received.map(|Received { envelope, bulk }| Receipt {
            envelope: envelope.clone(),
            bulk_hash: bulk.hash,
        })
    }

    /// One sender's message to everybody as it came: with its signature it is evidence.
    pub fn broadcast(&self, round: u16, from: PartyId) -> Option<&Envelope> {
        Some(&self.rounds.get(&(round, true))?.get(&from)?.envelope)
    }

    /// Every message to everybody that is here, as it came.
    pub fn all_broadcasts(&self) -> impl Iterator<Item = &Envelope> {
        self.rounds
            .iter()
            .filter(|((_, broadcast), _)| *broadcast)
            .flat_map(|(_, place)| place.values().map(|received| &received.envelope))
    }

    /// Holds what another participant was sent against what came here.
    ///
    /// # Errors
    /// [`Fault::Proven`] when the author signed two versions: `shown` and the one here are the
    /// proof.
    pub fn compare(&self, shown: &Envelope) -> Result<(), Fault> {
        let Some(here) = self.broadcast(shown.round, shown.from) else { return Ok(()) };
        let signed =
            self.identities.get(&shown.from).is_some_and(|identity| shown.is_signed_by(identity));
        if shown.sid == self.sid && shown.to == To::All && signed && shown.body != here.body {
            return Err(Fault::Proven { party: shown.from, check: "one message per round" });
        }
        Ok(())
    }

    /// One sender's message of the round to this party alone, decoded, and its bulk, which leaves
    /// the inbox.
    pub fn direct_with_bulk<M: Message>(
        &mut self,
        round: u16,
        from: PartyId,
    ) -> Result<(M, Bulk), Fault> {
        let received = self.rounds.get_mut(&(round, false)).and_then(|place| place.get_mut(&from));
        let Received { envelope, bulk } =
            received.ok_or(Fault::Misuse("the round is not complete"))?;
        // The hash stays, to tell a repeat from a second message.
        Ok((envelope.open()?, Bulk { bytes: core::mem::take(&mut bulk.bytes), hash: bulk.hash }))
    }

    fn decoded<M: Message>(
        &self,
        round: u16,
        broadcast: bool,
    ) -> Result<BTreeMap<PartyId, M>, Fault> {
        let place = self.rounds.get(&(round, broadcast)).into_iter().flatten();
        let open = |(id, Received { envelope, bulk }): (&PartyId, &Received)| {
            if bulk.bytes.is_empty() {
                Ok((*id, envelope.open()?))
            } else {
                Err(envelope.malformed())
            }
        };
        place.map(open).collect()
    }
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
    fn what_another_was_sent_convicts_its_author_only_as_a_second_message_to_all_of_this_session_that_it_signed()
     {
        let message =
            |sid, to, content| Envelope::seal_bytes(&key(), sid, 1, party(1), to, vec![content]);
        let identities = BTreeMap::from([(party(1), key().verifying_key().to_bytes())]);
        let mut inbox = Inbox::of(
            SID,
            identities,
            party(2),
            vec![RoundShape { broadcast: true, direct: false }],
        );
        assert_eq!(inbox.compare(&message(SID, To::All, 2)), Ok(()), "nothing has come here");
        assert_eq!(inbox.put(party(1), message(SID, To::All, 1)), Ok(()));
        let proof = Fault::Proven { party: party(1), check: "one message per round" };
        assert_eq!(inbox.compare(&message(SID, To::All, 2)), Err(proof));
        assert_eq!(inbox.compare(&message(SID, To::All, 1)), Ok(()), "the same");
        assert_eq!(inbox.compare(&message([8; 32], To::All, 2)), Ok(()), "of another session");
        assert_eq!(inbox.compare(&message(SID, To::One(party(3)), 2)), Ok(()), "to one party");
        let unsigned = Envelope { body: Bytes(vec![2]), ..message(SID, To::All, 1) };
        assert_eq!(inbox.compare(&unsigned), Ok(()), "not signed");
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
