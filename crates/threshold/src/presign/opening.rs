//! Opening a dead batch: all that a party drew for it, so that whoever lied is named.
//!
//! Nothing in a batch touches a key before it is bound, so a party may show everything it drew for
//! one that has failed: the seed of the batch and the seeds of the base transfers that it consumed,
//! each a stream of its own. From these and from the messages that it was sent, every message of an
//! honest party follows. [`judge`] runs each party again and names those whose *signed* messages
//! are others than what their openings make.
//!
//! - A party that opens never signs the batch's root, and one that has signed it can no longer
//!   open: [`Ceremony::open`] takes the machine, which has erased its seeds with the signature. So
//!   an opened batch never becomes presignatures.
//! - An honest party is never named: it signs one message for each place, and that one follows from
//!   what it opens.
//! - Who does not open is silent, and not blamed. Neither is who sent nothing: when all have opened
//!   and nobody is named, somebody held a message back.
//! - The judgement is a pure function of signed messages: anybody with the same openings comes to
//!   the same one.
//! - The bulk of a message is not shown. Its sender's opening makes it again, and another one than
//!   it has signed names the sender. What follows from the bulk of a silent party nobody can tell,
//!   and nobody is named for it.
//!
//! The base transfers need no signatures of their own. The session's parameters name the hash of
//! both messages of every exchange, so who signs anything in the session has signed for them.

use super::{Ceremony, Config, ROUNDS};
use crate::codec::Bytes;
use crate::envelope::{Envelope, Receipt, To};
use crate::fault::Fault;
use crate::machine::Machine;
use crate::messages;
use crate::ot::base::{AliceOrigin, BobOrigin};
use crate::ot::{Pair, PairSeeds};
use crate::party::{Epoch, PartyId};
use crate::presignature::MAX_BATCH;
use crate::randomness::Randomness;
use crate::session::SessionId;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The number that an opening's envelope has in the place of a round's: the one after the last.
pub const OPENING_ROUND: u16 = ROUNDS.len() as u16 + 1;

messages! {
    /// One party's opening, to all.
    pub struct BatchOpening {
        /// Of everything the party drew in the run.
        pub seed: [u8; 32],
        /// With every other member of the set, in ascending order.
        pub transfers: Vec<OpenedTransfers>,
        /// All messages of the run that the party was sent.
        pub received: Vec<Receipt>,
    }

    /// What made the base transfers with one peer.
    #[derive(Clone, Debug)]
    pub struct OpenedTransfers {
        /// The other end of the pair.
        pub peer: PartyId,
        /// With the opening party as Alice.
        pub alice: AliceOrigin,
        /// With the opening party as Bob.
        pub bob: BobOrigin,
    }
}

/// What a party keeps to be able to open its batch.
pub(super) struct Retained {
    seed: Zeroizing<[u8; 32]>,
    transfers: Vec<OpenedTransfers>,
}

impl Retained {
    pub(super) fn new(ots: &BTreeMap<PartyId, PairSeeds>, randomness: &Randomness) -> Self {
        let transfers = ots.iter().map(|(peer, seeds)| OpenedTransfers {
            peer: *peer,
            alice: seeds.alice.origin.clone(),
            bob: seeds.bob.origin.clone(),
        });
        Retained { seed: Zeroizing::new(randomness.seed()), transfers: transfers.collect() }
    }
}

impl Ceremony {
    /// Gives the batch up and opens it: this party's signed [`BatchOpening`].
    ///
    /// # Errors
    /// [`Fault::Misuse`] once this party has signed the root.
    pub fn open(mut self) -> Result<Envelope, Fault> {
        let Retained { seed, transfers } =
            self.retained.take().ok_or(Fault::Misuse("who has signed the root opens nothing"))?;
        let opening =
            BatchOpening { seed: *seed, transfers, received: self.inbox.receipts().collect() };
        Ok(self.frame.to_all(OPENING_ROUND, &opening))
    }

    /// The messages to everybody that this party was sent. There is no secret in them: who can open
    /// no longer can still show these.
    pub fn broadcasts(&self) -> Vec<Receipt> {
        self.inbox.receipts().filter(|receipt| receipt.envelope.to == To::All).collect()
    }
}

/// Which batch is judged.
pub struct Run {
    /// The epoch of the failed run.
    pub epoch: Arc<Epoch>,
    /// Exactly the threshold's number of members, in ascending order.
    pub set: Vec<PartyId>,
    /// How many presignatures it was for.
    pub size: u32,
    /// Of a session whose parameters name `transfers`: who judges makes it from them.
    pub sid: SessionId,
    /// The [id](crate::ot::base::AliceSeeds::id) of the base transfers of every ordered pair of the
    /// set, Alice first.
    pub transfers: BTreeMap<(PartyId, PartyId), [u8; 32]>,
}

/// What came of the openings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Who did not do what an honest party does, and which check says so. Their signed messages
    /// prove it.
    pub liars: BTreeMap<PartyId, &'static str>,
    /// Who has opened nothing.
    pub silent: BTreeSet<PartyId>,
}

/// Runs every party that has opened again. `openings` are envelopes of [`Ceremony::open`], `shown`
/// any other messages of the run: those of members who could not open. What the purported sender
/// did not sign counts for nothing.
///
/// Takes about as long, and as much memory, as the run took all parties together with their base
/// transfers.
///
/// # Errors
/// [`Fault::Misuse`] for what is no run of the epoch.
pub fn judge(run: &Run, openings: &[Envelope], shown: &[Receipt]) -> Result<Verdict, Fault> {
    run.check()?;
    let openings: Vec<_> =
        openings.iter().map(|envelope| Receipt::of(envelope.clone()).0).collect();
    let is_opening =
        |receipt: &&Receipt| receipt.envelope.round == OPENING_ROUND && run.is_signed(receipt);
    let mut verdict = Verdict { silent: run.set.iter().copied().collect(), ..Verdict::default() };
    let mut opened = BTreeMap::new();
    for Receipt { envelope, .. } in openings.iter().filter(is_opening) {
        verdict.silent.remove(&envelope.from);
        match envelope.open::<BatchOpening>() {
            Ok(mut opening) => {
                opening.received.retain(|receipt| {
                    run.is_signed(receipt) && receipt.envelope.from != envelope.from
                });
                opened.entry(envelope.from).or_insert(opening);
            }
            Err(_) => drop(verdict.liars.insert(envelope.from, "opening form")),
        }
    }

    let received = opened.values().flat_map(|opening| &opening.received);
    let mut signed: BTreeMap<_, &Receipt> = BTreeMap::new();
    for receipt in
        openings.iter().chain(shown).filter(|receipt| run.is_signed(receipt)).chain(received)
    {
        let Envelope { from, round, to, .. } = receipt.envelope;
        if !signed.entry((from, round, to)).or_insert(receipt).says_the_same(receipt) {
            verdict.liars.insert(from, "one message per round");
        }
    }

    let mut bulks = BTreeMap::new();
    let mut replays = Vec::new();
    for (&party, opening) in
        opened.iter().filter(|(party, _)| !verdict.liars.contains_key(party)).collect::<Vec<_>>()
    {
        match Replay::start(run, party, opening, &mut bulks) {
            Ok(replay) => replays.push(replay),
            Err(check) => drop(verdict.liars.insert(party, check)),
        }
    }
    for round in 1..OPENING_ROUND {
        replays.iter_mut().for_each(|replay| replay.hear(round, &mut bulks));
    }
    for replay in replays {
        let own = signed
            .iter()
            .filter(|((from, round, _), _)| *from == replay.party && *round != OPENING_ROUND);
        if !own.into_iter().all(|((_, round, to), receipt)| replay.explains(*round, *to, receipt)) {
            verdict.liars.insert(replay.party, "messages against their opening");
        }
    }
    Ok(verdict)
}

/// Bulks of messages by their hashes.
type Bulks = BTreeMap<[u8; 32], Vec<u8>>;

/// An honest party with the seeds of an opening and the messages that it shows.
struct Replay<'a> {
    party: PartyId,
    machine: Ceremony,
    received: &'a [Receipt],
    made: BTreeMap<(u16, To), Receipt>,
    /// The last round whose own messages follow from what is known.
    known: u16,
}

impl<'a> Replay<'a> {
    /// The party up to its first messages, or the check that its opening fails.
    fn start(
        run: &Run,
        party: PartyId,
        opening: &'a BatchOpening,
        bulks: &mut Bulks,
    ) -> Result<Self, &'static str> {
        let peers = run.set.iter().filter(|id| **id != party);
        if !peers.eq(opening.transfers.iter().map(|transfers| &transfers.peer)) {
            return Err("opening form");
        }
        let seeds = opening
            .transfers
            .iter()
            .map(|opened| Some((opened.peer, run.transfers_again(party, opened)?)));
        let config = Config {
            epoch: run.epoch.clone(),
            set: run.set.clone(),
            me: party,
            size: run.size,
            sid: run.sid,
            // Only what is signed is compared: what this key makes of it goes nowhere.
            signing_key: SigningKey::from_bytes(&[0; 32]),
            ots: seeds.collect::<Option<_>>().ok_or("base transfers against their opening")?,
            randomness: Randomness::reopened(opening.seed),
        };
        let (machine, sent) = Ceremony::drawing_from(config).map_err(|_| "opening form")?;
        let mut replay = Replay {
            party,
            machine,
            received: &opening.received,
            made: BTreeMap::new(),
            known: u16::MAX,
        };
        replay.sends(sent, bulks);
        Ok(replay)
    }

    fn sends(&mut self, sent: Vec<Envelope>, bulks: &mut Bulks) {
        for envelope in sent {
            let (receipt, bulk) = Receipt::of(envelope);
            bulks.insert(receipt.bulk_hash, bulk);
            self.made.insert((receipt.envelope.round, receipt.envelope.to), receipt);
        }
    }

    /// Gives the machine what the party was sent in one round. Round by round, no message is lost
    /// to a fault that a later one causes.
    fn hear(&mut self, round: u16, bulks: &mut Bulks) {
        for Receipt { envelope, bulk_hash } in
            self.received.iter().filter(|receipt| receipt.envelope.round == round)
        {
            let Some(bulk) = bulks.get(bulk_hash) else {
                self.known = self.known.min(round);
                continue;
            };
            let whole = Envelope { bulk: Bytes(bulk.clone()), ..envelope.clone() };
            let sent = self.machine.receive(envelope.from, whole).unwrap_or_default();
            self.sends(sent, bulks);
        }
    }

    /// Whether the party has signed what it makes here, as far as that is known.
    fn explains(&self, round: u16, to: To, signed: &Receipt) -> bool {
        round > self.known
            || self.made.get(&(round, to)).is_some_and(|made| made.says_the_same(signed))
    }
}

impl Run {
    fn check(&self) -> Result<(), Fault> {
        if self.epoch.signing_set(&self.set).is_err() || self.size == 0 || self.size > MAX_BATCH {
            return Err(Fault::Misuse("that is no presigning run of the epoch"));
        }
        let pairs =
            self.set.iter().flat_map(|alice| self.set.iter().map(move |bob| (*alice, *bob)));
        if !pairs.filter(|(alice, bob)| alice != bob).eq(self.transfers.keys().copied()) {
            return Err(Fault::Misuse(
                "the base transfers are not those between the members of the set",
            ));
        }
        Ok(())
    }

    /// Whether a member has signed this as a message of the run.
    fn is_signed(&self, receipt: &Receipt) -> bool {
        let Envelope { sid, from, .. } = receipt.envelope;
        let identity = self.epoch.identity(from).filter(|_| self.set.contains(&from));
        sid == self.sid && identity.is_some_and(|identity| receipt.is_signed_by(identity))
    }

    /// The seeds of both directions, when they are those of the run.
    fn transfers_again(&self, party: PartyId, opened: &OpenedTransfers) -> Option<PairSeeds> {
        let pair = |alice, bob| Pair { epoch: self.epoch.digest(), alice, bob };
        let alice = opened.alice.reproduce(pair(party, opened.peer)).ok()?;
        let bob = opened.bob.reproduce(pair(opened.peer, party)).ok()?;
        let named = |alice, bob, id: &[u8; 32]| self.transfers.get(&(alice, bob)) == Some(id);
        let own = named(party, opened.peer, alice.id()) && named(opened.peer, party, bob.id());
        own.then_some(PairSeeds { alice, bob })
    }
}
