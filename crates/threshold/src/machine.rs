//! What every protocol run is to its caller, a [`Machine`], and the [`Inbox`] that each of them
//! reads from.

use crate::codec::Message;
use crate::envelope::{Bulk, Envelope, Receipt, To};
use crate::fault::Fault;
use crate::party::{Epoch, PartyId};
use crate::session::SessionId;
use std::collections::BTreeMap;
use zeroize::ZeroizeOnDrop;

/// A protocol run as its caller sees it.
pub trait Machine {
    /// What a complete run leaves with its caller.
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
    /// One message to everybody.
    pub broadcast: bool,
    /// One message to each other participant.
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
        if !envelope.is_signed_with(bulk.hash(), identity) {
            return Err(rejected("its signature is not the sender's"));
        }
        let place = self.rounds.entry((envelope.round, broadcast)).or_default();
        match place.get(&link) {
            None => {
                place.insert(link, Received { envelope, bulk });
                Ok(())
            }
            Some(first)
                if first.envelope.body == envelope.body && first.bulk.hash() == bulk.hash() =>
            {
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
            bulk_hash: *bulk.hash(),
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
        Ok((envelope.open()?, bulk.take()))
    }

    fn decoded<M: Message>(
        &self,
        round: u16,
        broadcast: bool,
    ) -> Result<BTreeMap<PartyId, M>, Fault> {
        let place = self.rounds.get(&(round, broadcast)).into_iter().flatten();
        let open = |(id, Received { envelope, bulk }): (&PartyId, &Received)| {
            if bulk.bytes().is_empty() {
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
    use crate::codec::Bytes;
    use ed25519_dalek::SigningKey;

    const SID: SessionId = [7; 32];

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[1; 32])
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
}
