//! Signed messages, and the inbox of one protocol run.

use crate::codec::{Bytes, Decode, DecodeError, Encode, Message, Reader};
use crate::fault::Fault;
use crate::party::{Epoch, PartyId};
use crate::transcript::{Tag, Transcript};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::collections::BTreeMap;
use zeroize::Zeroize;

/// The id of one run of one protocol: a hash over the network, the epoch, the participants, the parameters and a fresh nonce of every
/// participant.
pub type SessionId = [u8; 32];

/// Whom a message is for. What everybody gets is signed once, for all: two versions of it prove cheating.
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

/// One message of a protocol run, signed by its sender.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    pub sid: SessionId,
    pub round: u16,
    pub from: PartyId,
    pub to: To,
    pub body: Bytes,
    pub signature: [u8; 64],
}

impl Envelope {
    /// Encodes and signs `message`.
    pub fn seal(key: &SigningKey, sid: SessionId, round: u16, from: PartyId, to: To, message: &impl Message) -> Self {
        Self::seal_bytes(key, sid, round, from, to, message.encoded())
    }

    pub fn seal_bytes(key: &SigningKey, sid: SessionId, round: u16, from: PartyId, to: To, body: Vec<u8>) -> Self {
        let signature = key.sign(&Self::signed_hash(&sid, round, from, to, &body)).to_bytes();
        Envelope { sid, round, from, to, body: Bytes(body), signature }
    }

    fn signed_hash(sid: &SessionId, round: u16, from: PartyId, to: To, body: &[u8]) -> [u8; 32] {
        let mut transcript = Transcript::new(Tag::Envelope).with(sid).with_number(u64::from(round));
        transcript.append(&from.encoded()).append(&to.encoded()).append(body);
        transcript.finish()
    }

    /// Whether `identity` signed exactly this.
    pub fn is_signed_by(&self, identity: &[u8; 32]) -> bool {
        let hash = Self::signed_hash(&self.sid, self.round, self.from, self.to, &self.body.0);
        verify(identity, &hash, &self.signature)
    }

    /// The body as a message of the expected kind. A signed body that does not decode proves its sender wrong.
    pub fn open<M: Message>(&self) -> Result<M, Fault> {
        M::decode_all(&self.body.0).map_err(|_| Fault::Proven { party: self.from, check: "message form" })
    }
}

impl Encode for Envelope {
    fn encode(&self, out: &mut Vec<u8>) {
        self.sid.encode(out);
        self.round.encode(out);
        self.from.encode(out);
        self.to.encode(out);
        self.body.encode(out);
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
            signature: Decode::decode(reader)?,
        })
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

    /// Takes one message from the authenticated link of `link` and returns what is to be sent. After a fatal fault the machine is dead:
    /// drop it.
    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Fault>;

    /// The result, once, when the run is complete.
    fn output(&mut self) -> Option<Self::Output>;

    /// Whose messages the present round still lacks.
    fn waiting_for(&self) -> Vec<PartyId>;
}

/// The messages of one run by round and sender: checks who, what for and the signature, keeps early ones for their round, ignores
/// repeats, and turns two different ones for one place into proof.
pub struct Inbox {
    sid: SessionId,
    me: PartyId,
    identities: BTreeMap<PartyId, [u8; 32]>,
    rounds: BTreeMap<(u16, bool), BTreeMap<PartyId, Envelope>>,
    /// For each round: whether everybody gets a message, and whether each gets one of its own.
    shape: Vec<RoundShape>,
}

/// What each sender sends in a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoundShape {
    pub broadcast: bool,
    pub direct: bool,
}

impl Inbox {
    /// Rounds are numbered from 1 in the order of `shape`.
    pub fn new(sid: SessionId, epoch: &Epoch, participants: &[PartyId], me: PartyId, shape: Vec<RoundShape>) -> Self {
        let identities = participants.iter().filter_map(|id| epoch.identity(*id).map(|key| (*id, *key))).collect();
        Self::of(sid, identities, me, shape)
    }

    /// For participants who are not all of one epoch: each with the key that it signs with.
    pub fn of(sid: SessionId, mut identities: BTreeMap<PartyId, [u8; 32]>, me: PartyId, shape: Vec<RoundShape>) -> Self {
        identities.remove(&me);
        Inbox { sid, me, identities, rounds: BTreeMap::new(), shape }
    }

    /// Stores the message, or says why not.
    pub fn put(&mut self, link: PartyId, envelope: Envelope) -> Result<(), Fault> {
        let rejected = |reason| Fault::Rejected { link, reason };
        if envelope.sid != self.sid {
            return Err(Fault::Mismatch { party: link, field: "session" });
        }
        if envelope.from != link {
            return Err(rejected("its sender is not the link's identity"));
        }
        let identity = self.identities.get(&link).ok_or(rejected("its sender takes no part"))?;
        let broadcast = envelope.to == To::All;
        let shape = envelope.round.checked_sub(1).and_then(|round| self.shape.get(usize::from(round)));
        let shape = shape.ok_or(rejected("there is no such round"))?;
        if (broadcast && !shape.broadcast) || (!broadcast && !shape.direct) {
            return Err(rejected("its round has no such message"));
        }
        if !broadcast && envelope.to != To::One(self.me) {
            return Err(rejected("it is for another party"));
        }
        if !envelope.is_signed_by(identity) {
            return Err(rejected("its signature is not the sender's"));
        }
        let place = self.rounds.entry((envelope.round, broadcast)).or_default();
        match place.get(&link) {
            None => {
                place.insert(link, envelope);
                Ok(())
            }
            Some(first) if first.body == envelope.body => Ok(()),
            Some(_) => Err(Fault::Proven { party: link, check: "one message per round" }),
        }
    }

    /// Who has not yet sent all of a round.
    pub fn missing(&self, round: u16) -> Vec<PartyId> {
        let Some(shape) = round.checked_sub(1).and_then(|round| self.shape.get(usize::from(round))) else { return Vec::new() };
        let has =
            |broadcast: bool, id: &PartyId| self.rounds.get(&(round, broadcast)).is_some_and(|place| place.contains_key(id));
        let lacks = |id: &&PartyId| (shape.broadcast && !has(true, id)) || (shape.direct && !has(false, id));
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

    /// One sender's message to everybody as it came: with its signature it is evidence.
    pub fn broadcast(&self, round: u16, from: PartyId) -> Option<&Envelope> {
        self.rounds.get(&(round, true))?.get(&from)
    }

    /// Every message to everybody that is here, as it came.
    pub fn all_broadcasts(&self) -> impl Iterator<Item = &Envelope> {
        self.rounds.iter().filter(|((_, broadcast), _)| *broadcast).flat_map(|(_, place)| place.values())
    }

    /// Holds what another participant was sent against what came here.
    ///
    /// # Errors
    /// [`Fault::Proven`] when the author signed two versions: `shown` and the one here are the proof.
    pub fn compare(&self, shown: &Envelope) -> Result<(), Fault> {
        let Some(here) = self.broadcast(shown.round, shown.from) else { return Ok(()) };
        let signed = self.identities.get(&shown.from).is_some_and(|identity| shown.is_signed_by(identity));
        if shown.sid == self.sid && shown.to == To::All && signed && shown.body != here.body {
            return Err(Fault::Proven { party: shown.from, check: "one message per round" });
        }
        Ok(())
    }

    /// One sender's message of the round to this party alone, decoded: for those too large to have all at once.
    pub fn direct<M: Message>(&self, round: u16, from: PartyId) -> Result<M, Fault> {
        let envelope = self.rounds.get(&(round, false)).and_then(|place| place.get(&from));
        envelope.ok_or(Fault::Misuse("the round is not complete"))?.open()
    }

    fn decoded<M: Message>(&self, round: u16, broadcast: bool) -> Result<BTreeMap<PartyId, M>, Fault> {
        let envelopes = self.rounds.get(&(round, broadcast)).into_iter().flatten();
        envelopes.map(|(id, envelope)| Ok((*id, envelope.open()?))).collect()
    }
}

/// What was for this party alone may be secret.
impl Drop for Inbox {
    fn drop(&mut self) {
        let directs = self.rounds.iter_mut().filter(|((_, broadcast), _)| !broadcast);
        for envelope in directs.flat_map(|(_, place)| place.values_mut()) {
            envelope.body.0.zeroize();
        }
    }
}
