//! Work that takes long. It leaves a member as a value, is done wherever there is time for it, and
//! comes back as a value.

use super::kinds::{Kind, Run};
use super::message::CeremonyId;
use super::protocol::{CeremonyOutput, KeyBatch, Protocol, Started, Stop};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::envelope::Envelope;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{
    AliceMessage, AliceSeeds, AliceStart, BobMessage, BobSeeds, bob_respond,
};
use conclave_threshold::party::PartyId;
use conclave_threshold::presign;
use conclave_threshold::presignature::BatchCertificate;
use conclave_threshold::randomness::Randomness;
use std::sync::Arc;

/// What jobs need of the world: somewhere to keep shares, and signatures that the chain accepts.
/// The rest has defaults, the protocols themselves; a simulation may deal their results instead.
pub trait Workshop: Send + Sync {
    /// Stores shares before anything can come of them, and returns the chain's form of the public
    /// keys.
    ///
    /// # Errors
    /// For people: why the shares are not on disk.
    fn keep_wallets(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        keys: &[KeyShare<Secp256k1>],
    ) -> Result<Vec<Vec<u8>>, String>;

    /// [`keep_wallets`](Self::keep_wallets) for the network's own key.
    ///
    /// # Errors
    /// For people: why the share is not on disk.
    fn keep_network_key(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        key: &KeyShare<Bls12381G1>,
    ) -> Result<Vec<Vec<u8>>, String>;

    /// This member's signature over the batch, in the chain's form.
    ///
    /// # Errors
    /// For people: why the batch is none that the chain knows.
    fn attest(&self, batch: &KeyBatch) -> Result<Vec<u8>, String>;

    /// Whether `attestation` is the member's signature over the batch.
    fn verify(&self, member: PartyId, batch: &KeyBatch, attestation: &[u8]) -> bool;

    /// Starts a presigning run.
    ///
    /// # Errors
    /// Those of [`presign::Ceremony::start`].
    fn start_presigning(&self, config: presign::Config) -> Result<Started, Fault> {
        let (machine, first) = presign::Ceremony::start(config)?;
        Ok(Started { protocol: Box::new(machine), first })
    }

    /// Begins base transfers as their receiver; the bytes go to the other end.
    fn begin_transfers(
        &self,
        pair: Pair,
        randomness: Randomness,
    ) -> (Box<dyn TransfersBegun>, Vec<u8>) {
        let (start, message) = AliceStart::new(pair, randomness);
        (Box::new(start), message.encoded())
    }

    /// Answers base transfers as their sender; the bytes go back.
    ///
    /// # Errors
    /// [`Fault::Pairwise`] when the message is not that of an honest receiver.
    fn answer_transfers(
        &self,
        pair: Pair,
        message: &[u8],
        randomness: Randomness,
    ) -> Result<(BobSeeds, Vec<u8>), Fault> {
        let malformed = |_| Fault::Pairwise { peer: pair.alice, check: "message form" };
        let message = AliceMessage::decode_all(message).map_err(malformed)?;
        let (seeds, reply) = bob_respond(pair, &message, randomness)?;
        Ok((seeds, reply.encoded()))
    }
}

/// Base transfers between this member's message and the other end's answer.
pub trait TransfersBegun: Send {
    /// # Errors
    /// [`Fault::Pairwise`] when the answer is not that of an honest sender.
    fn finish(self: Box<Self>, peer: PartyId, reply: &[u8]) -> Result<AliceSeeds, Fault>;
}

impl TransfersBegun for AliceStart {
    fn finish(self: Box<Self>, peer: PartyId, reply: &[u8]) -> Result<AliceSeeds, Fault> {
        let malformed = |_| Fault::Pairwise { peer, check: "message form" };
        (*self).finish(&BobMessage::decode_all(reply).map_err(malformed)?)
    }
}

/// What a running protocol is fed with.
pub(super) enum Feed {
    Envelope(PartyId, Envelope),
    Certificate(PartyId, BatchCertificate),
}

/// One piece of work. A dropped job loses its ceremony or exchange, which then times out.
pub struct Job(pub(super) Box<Task>);

pub(super) enum Task {
    Begin { pair: Pair, exchange: u64, randomness: Randomness },
    Answer { pair: Pair, exchange: u64, message: Vec<u8>, randomness: Randomness },
    Finish { peer: PartyId, begun: Box<dyn TransfersBegun>, reply: Vec<u8> },
    Start { id: CeremonyId, kind: Kind, run: Box<Run> },
    Feed { id: CeremonyId, kind: Kind, protocol: Box<dyn Protocol>, feed: Vec<Feed> },
}

/// What kind of work a job is, for those who account for its cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobSort {
    /// One end of base transfers.
    BaseTransfers,
    /// The start of a protocol.
    Start(Kind),
    /// So many messages to a running protocol.
    Feed(Kind, usize),
}

/// A finished [`Job`].
pub struct Finished(pub(super) Box<Done>);

pub(super) enum Done {
    Begun {
        peer: PartyId,
        exchange: u64,
        begun: Box<dyn TransfersBegun>,
        message: Vec<u8>,
    },
    Answered {
        peer: PartyId,
        exchange: u64,
        result: Result<(Box<BobSeeds>, Vec<u8>), Fault>,
    },
    Finished {
        peer: PartyId,
        result: Result<Box<AliceSeeds>, Fault>,
    },
    /// A protocol has moved: with what it says, and how it ended if it did.
    Moved {
        id: CeremonyId,
        protocol: Option<Box<dyn Protocol>>,
        envelopes: Vec<Envelope>,
        dropped: Vec<Fault>,
        end: Option<Result<Box<CeremonyOutput>, Stop>>,
    },
}

impl Job {
    /// What kind of work it is.
    pub fn sort(&self) -> JobSort {
        match self.0.as_ref() {
            Task::Begin { .. } | Task::Answer { .. } | Task::Finish { .. } => {
                JobSort::BaseTransfers
            }
            Task::Start { kind, .. } => JobSort::Start(*kind),
            Task::Feed { kind, feed, .. } => JobSort::Feed(*kind, feed.len()),
        }
    }

    /// Does the work. It computes for up to seconds, and may write shares to disk.
    pub fn run(self, workshop: &Arc<dyn Workshop>) -> Finished {
        Finished(Box::new(match *self.0 {
            Task::Begin { pair, exchange, randomness } => {
                let (begun, message) = workshop.begin_transfers(pair, randomness);
                Done::Begun { peer: pair.bob, exchange, begun, message }
            }
            Task::Answer { pair, exchange, message, randomness } => {
                let result = workshop.answer_transfers(pair, &message, randomness);
                let result = result.map(|(seeds, reply)| (Box::new(seeds), reply));
                Done::Answered { peer: pair.alice, exchange, result }
            }
            Task::Finish { peer, begun, reply } => {
                Done::Finished { peer, result: begun.finish(peer, &reply).map(Box::new) }
            }
            Task::Start { id, kind, run } => match kind.particulars().start(*run, workshop) {
                Ok(Started { protocol, first }) => {
                    moved(id, protocol, Moves { envelopes: first, ..Moves::default() })
                }
                Err(fault) => failed(id, fault.into(), Moves::default()),
            },
            Task::Feed { id, mut protocol, feed, .. } => {
                let mut moves = Moves::default();
                match moves.feed(protocol.as_mut(), feed) {
                    Ok(()) => moved(id, protocol, moves),
                    Err(stop) => failed(id, stop, moves),
                }
            }
        }))
    }
}

/// What came of feeding a protocol.
#[derive(Default)]
struct Moves {
    envelopes: Vec<Envelope>,
    dropped: Vec<Fault>,
}

impl Moves {
    fn feed(&mut self, protocol: &mut dyn Protocol, feed: Vec<Feed>) -> Result<(), Stop> {
        for one in feed {
            let received = match one {
                Feed::Envelope(from, envelope) => protocol.receive(from, envelope),
                Feed::Certificate(from, certificate) => {
                    protocol.certificate(from, &certificate).map(|()| Vec::new())
                }
            };
            match received {
                Ok(envelopes) => self.envelopes.extend(envelopes),
                Err(stop) => self.dropped.push(stop.harmless().cloned().ok_or(stop)?),
            }
        }
        Ok(())
    }
}

fn moved(id: CeremonyId, mut protocol: Box<dyn Protocol>, moves: Moves) -> Done {
    let output = protocol.output();
    let protocol = output.is_none().then_some(protocol);
    let Moves { envelopes, dropped } = moves;
    let end = output.map(|output| Ok(Box::new(output)));
    Done::Moved { id, protocol, envelopes, dropped, end }
}

fn failed(id: CeremonyId, stop: Stop, moves: Moves) -> Done {
    let Moves { envelopes, dropped } = moves;
    Done::Moved { id, protocol: None, envelopes, dropped, end: Some(Err(stop)) }
}
