//! The thread that runs one ceremony's state machine.

use super::CeremonyId;
use conclave_threshold::dkg;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::message::{Envelope, Machine};
use conclave_threshold::party::PartyId;
use conclave_threshold::presign;
use conclave_threshold::presignature::{Batch, BatchCertificate};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// A ceremony that has not ended after this is dropped, with everything in it.
pub const CEREMONY_TIMEOUT: Duration = Duration::from_secs(90);

/// How low a ceremony's thread ranks below the signing path (the operating system's nice value).
const NICENESS: i32 = 10;

/// What a ceremony left behind.
pub enum CeremonyOutput {
    /// Generated keys, attested by every participant; their shares are already on disk,
    /// provisionally.
    Keys(GeneratedKeys),
    Presignatures(Batch),
}

/// Keys that every participant has attested.
pub struct GeneratedKeys {
    pub batch: KeyBatch,
    pub attestations: Vec<(PartyId, Vec<u8>)>,
}

/// From a ceremony's thread to the node.
pub enum WorkerEvent {
    Send { id: CeremonyId, envelopes: Vec<Envelope> },
    Done { id: CeremonyId, output: Box<CeremonyOutput> },
    Failed { id: CeremonyId, reason: String, fault: Option<Fault> },
}

/// What key generation needs from the node: somewhere to keep shares, and signatures that the chain
/// accepts.
pub trait DkgSupport: Send + Sync {
    /// Stores the shares before anything can come of them, and returns the chain's form of the
    /// public keys.
    fn keep_wallets(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        keys: &[KeyShare<Secp256k1>],
    ) -> Result<Vec<Vec<u8>>, String>;
    fn keep_network_key(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        key: &KeyShare<Bls12381G1>,
    ) -> Result<Vec<Vec<u8>>, String>;
    /// This node's signature over the batch.
    fn attest(&self, batch: &KeyBatch) -> Result<Vec<u8>, String>;
    /// Whether `attestation` is the member's signature over the batch.
    fn verify(&self, member: PartyId, batch: &KeyBatch, attestation: &[u8]) -> bool;
}

/// What an attestation is about.
#[derive(Clone, Debug)]
pub struct KeyBatch {
    pub key_type: u8,
    pub transcript: [u8; 32],
    pub expiry: u64,
    pub public_keys: Vec<Vec<u8>>,
}

/// The ERC-721 contracts' number for BLS12-381 keys.
pub const KEY_TYPE_BLS: u8 = 1;
/// The ERC-721 contracts' number for secp256k1 keys.
pub const KEY_TYPE_ECDSA: u8 = 2;

/// Ranks the calling thread below the signing path. Rising in niceness needs no privilege; where it
/// fails, the thread is only less polite.
pub(super) fn be_polite() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

pub(super) enum Protocol {
    NetworkKey { machine: Box<dkg::Ceremony<Bls12381G1>>, expiry: u64 },
    Wallets { machine: Box<dkg::Ceremony<Secp256k1>>, expiry: u64 },
    Presign(Box<presign::Ceremony>),
}

/// From the node to a ceremony's thread.
pub(super) enum Input {
    Envelope(PartyId, Envelope),
    /// The complete certificate of a presigning run, shown by another member.
    Certificate(PartyId, BatchCertificate),
}

pub(super) struct Worker {
    pub id: CeremonyId,
    pub support: Arc<dyn DkgSupport>,
    pub inputs: Receiver<Input>,
    pub events: Sender<WorkerEvent>,
}

enum Stop {
    Failed(String, Option<Fault>),
    /// The node dropped the ceremony.
    Dropped,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Failed(fault.to_string(), Some(fault))
    }
}

impl Worker {
    /// Runs to the end. Blocking: to be called on a thread of its own.
    pub fn run(self, protocol: Protocol, first: Vec<Envelope>) {
        be_polite();
        let ended = self.send(first).and_then(|()| match protocol {
            Protocol::Presign(machine) => {
                let complete = |machine: &mut presign::Ceremony, link, certificate: &_| {
                    machine.complete(link, certificate)
                };
                self.drive(*machine, |_| Ok(None), complete).map(CeremonyOutput::Presignatures)
            }
            Protocol::Wallets { machine, expiry } => {
                self.generate(*machine, KEY_TYPE_ECDSA, expiry, |support, transcript, keys| {
                    support.keep_wallets(transcript, expiry, keys)
                })
            }
            Protocol::NetworkKey { machine, expiry } => {
                self.generate(*machine, KEY_TYPE_BLS, expiry, |support, transcript, keys| {
                    let [key] = keys else { return Err("a network has one key".into()) };
                    support.keep_network_key(transcript, expiry, key)
                })
            }
        });
        let event = match ended {
            Ok(output) => WorkerEvent::Done { id: self.id, output: Box::new(output) },
            Err(Stop::Failed(reason, fault)) => WorkerEvent::Failed { id: self.id, reason, fault },
            Err(Stop::Dropped) => return,
        };
        let _ = self.events.blocking_send(event);
    }

    fn send(&self, envelopes: Vec<Envelope>) -> Result<(), Stop> {
        if envelopes.is_empty() {
            return Ok(());
        }
        self.events
            .blocking_send(WorkerEvent::Send { id: self.id, envelopes })
            .map_err(|_| Stop::Dropped)
    }

    /// Feeds the machine until it has its output. `between` is called after every message and may
    /// have something to send.
    fn drive<M: Machine>(
        &self,
        mut machine: M,
        mut between: impl FnMut(&mut M) -> Result<Option<Vec<Envelope>>, Stop>,
        complete: impl Fn(&mut M, PartyId, &BatchCertificate) -> Result<(), Fault>,
    ) -> Result<M::Output, Stop> {
        let deadline = Instant::now() + CEREMONY_TIMEOUT;
        loop {
            if let Some(envelopes) = between(&mut machine)? {
                self.send(envelopes)?;
            }
            if let Some(output) = machine.output() {
                return Ok(output);
            }
            let input = match self
                .inputs
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(input) => input,
                Err(RecvTimeoutError::Disconnected) => return Err(Stop::Dropped),
                Err(RecvTimeoutError::Timeout) => {
                    let missing: Vec<String> =
                        machine.waiting_for().iter().map(ToString::to_string).collect();
                    return Err(Stop::Failed(
                        format!("timed out waiting for {}", missing.join(", ")),
                        None,
                    ));
                }
            };
            let received = match input {
                Input::Envelope(link, envelope) => machine.receive(link, envelope),
                Input::Certificate(link, certificate) => {
                    complete(&mut machine, link, &certificate).map(|()| Vec::new())
                }
            };
            match received {
                Ok(envelopes) => self.send(envelopes)?,
                Err(fault) if fault.is_fatal() => return Err(fault.into()),
                Err(fault) => tracing::debug!(%fault, "a ceremony message was dropped"),
            }
        }
    }

    fn generate<C: Curve>(
        &self,
        machine: dkg::Ceremony<C>,
        key_type: u8,
        expiry: u64,
        keep: impl Fn(&dyn DkgSupport, [u8; 32], &[KeyShare<C>]) -> Result<Vec<Vec<u8>>, String>,
    ) -> Result<CeremonyOutput, Stop> {
        let failed = |reason| Stop::Failed(reason, None);
        let mut attested = None;
        let keep_and_attest = |machine: &mut dkg::Ceremony<C>| {
            let Some(provisional) = machine.provisional() else { return Ok(None) };
            // Once this node has attested, the others may register the keys: the shares must be
            // safe by then.
            let public_keys =
                keep(self.support.as_ref(), provisional.transcript, &provisional.keys)
                    .map_err(failed)?;
            let batch =
                KeyBatch { key_type, transcript: provisional.transcript, expiry, public_keys };
            attested = Some(batch.clone());
            let attestation = self.support.attest(&batch).map_err(failed)?;
            let support = self.support.clone();
            let verify = move |member: PartyId, bytes: &[u8]| support.verify(member, &batch, bytes);
            Ok(Some(machine.attest(attestation, Box::new(verify))?))
        };
        let no_batch = |_: &mut _, _, _: &_| Ok(());
        let certificate = self.drive(machine, keep_and_attest, no_batch)?;
        let attestations = certificate.attestations.into_iter().collect();
        let batch = attested
            .ok_or_else(|| failed("the ceremony ended before its keys were kept".into()))?;
        Ok(CeremonyOutput::Keys(GeneratedKeys { batch, attestations }))
    }
}
