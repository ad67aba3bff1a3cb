//! From a complete prelude to a running protocol, and what passes between it and the links.

use super::{Background, Keeper, KeeperEvent, Running};
use crate::ceremony::prelude::Prelude;
use crate::ceremony::worker::{Input, Protocol, Worker, WorkerEvent};
use crate::ceremony::{CeremonyId, Kind};
use crate::entropy::EntropyError;
use crate::message::NodeMessage;
use conclave_threshold::codec::Encode;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Curve;
use conclave_threshold::message::{Envelope, To};
use conclave_threshold::ot::PairSeeds;
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::BatchCertificate;
use conclave_threshold::session::session_id;
use conclave_threshold::{dkg, presign};
use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;
use tokio::sync::mpsc::Sender;

/// Messages on their way to one ceremony's thread.
const MAX_QUEUED: usize = 512;
/// Messages of one participant to one ceremony. No protocol has more than two in each of four
/// rounds.
const MAX_FROM_ONE: usize = 8;

impl Keeper {
    pub(super) fn start_if_complete(&mut self, id: CeremonyId) -> Result<(), EntropyError> {
        if !self.preludes.get(&id).is_some_and(Prelude::is_complete) {
            return Ok(());
        }
        let Some(prelude) = self.preludes.remove(&id) else { return Ok(()) };
        let proposal = prelude.proposal.clone();
        match self.protocol(prelude) {
            Ok(()) => Ok(()),
            Err(StartError::Entropy(error)) => Err(error),
            Err(StartError::Other(reason, fault)) => {
                // The others may have begun: they would wait for this node until their time is
                // over.
                for peer in self.others(&proposal.participants) {
                    self.send(peer, NodeMessage::Decline(id));
                }
                self.events.push(KeeperEvent::Failed { proposal, reason, fault });
                Ok(())
            }
        }
    }

    /// With everybody's word in hand: the session id, the protocol, its thread.
    fn protocol(&mut self, mut prelude: Prelude) -> Result<(), StartError> {
        let proposal = prelude.proposal.clone();
        let participants = proposal.participants.clone();
        let joins: Vec<u8> = prelude.joins.values().flat_map(Encode::encoded).collect();
        let name = match proposal.kind {
            Kind::NetworkKey { .. } => "network key",
            Kind::Wallets { .. } => "wallet keys",
            Kind::Presign { .. } => "presignatures",
        };
        let parameters = [proposal.digest().as_slice(), &joins].concat();
        let sid = session_id(name, &self.epoch, &participants, &parameters, &prelude.nonces());
        let randomness = self.entropy.randomness(&sid)?;
        let fault = |fault: Fault| StartError::Other(fault.to_string(), Some(fault));
        let (epoch, me, signing_key) = (self.epoch.clone(), self.me, self.signing_key.clone());
        let (protocol, first) = match proposal.kind {
            Kind::Presign { size } => {
                let mut ots = BTreeMap::new();
                for peer in self.others(&participants) {
                    let handle = prelude.handle(peer, me).map(|handle| handle.id);
                    let bob = handle.and_then(|id| self.ots.take_sent(peer, &id));
                    let (Some(alice), Some(bob)) = (prelude.seeds.remove(&peer), bob) else {
                        return Err(StartError::Other(
                            format!("party {peer} named base transfers that are not in stock"),
                            None,
                        ));
                    };
                    ots.insert(peer, PairSeeds { alice, bob });
                }
                let config = presign::Config {
                    epoch,
                    set: participants.clone(),
                    me,
                    size,
                    sid,
                    signing_key,
                    ots,
                    randomness,
                };
                let (machine, first) = presign::Ceremony::start(config).map_err(fault)?;
                (Protocol::Presign(Box::new(machine)), first)
            }
            Kind::Wallets { count, expiry } => {
                let (machine, first) = dkg_start(dkg::Config {
                    epoch,
                    participants: participants.clone(),
                    me,
                    keys: count,
                    signing_key,
                    sid,
                    randomness,
                })
                .map_err(fault)?;
                (Protocol::Wallets { machine: Box::new(machine), expiry }, first)
            }
            Kind::NetworkKey { expiry } => {
                let (machine, first) = dkg_start(dkg::Config {
                    epoch,
                    participants: participants.clone(),
                    me,
                    keys: 1,
                    signing_key,
                    sid,
                    randomness,
                })
                .map_err(fault)?;
                (Protocol::NetworkKey { machine: Box::new(machine), expiry }, first)
            }
        };
        let (inputs, received) = sync_channel(MAX_QUEUED);
        for (from, envelope) in self.early.take(&sid) {
            let _ = inputs.try_send(Input::Envelope(from, envelope));
        }
        let (events, forwarded) = tokio::sync::mpsc::channel(MAX_QUEUED);
        tokio::spawn(forward(forwarded, self.background.clone()));
        let worker =
            Worker { id: proposal.id, support: self.support.clone(), inputs: received, events };
        let spawned = std::thread::Builder::new()
            .name("ceremony".into())
            .spawn(move || worker.run(protocol, first));
        spawned.map_err(|error| {
            StartError::Other(format!("no thread for a ceremony: {error}"), None)
        })?;
        self.running.insert(
            proposal.id,
            Running { proposal, proposer: prelude.proposer, sid, inputs, heard: BTreeMap::new() },
        );
        Ok(())
    }

    pub fn on_envelope(&mut self, from: PartyId, envelope: Envelope) {
        if let Some(running) = self.running.values_mut().find(|running| running.sid == envelope.sid)
        {
            let heard = running.heard.entry(from).or_default();
            *heard += 1;
            if *heard <= MAX_FROM_ONE {
                // A full queue means a flood: no run of the protocol has as many messages.
                drop(running.inputs.try_send(Input::Envelope(from, envelope)));
            }
            return;
        }
        self.early.keep(from, envelope);
    }

    /// A batch of which this node may lack signatures is complete elsewhere.
    pub fn on_certificate(&mut self, from: PartyId, certificate: &BatchCertificate) {
        if let Some(running) = self.running.values().find(|running| running.sid == certificate.sid)
        {
            drop(running.inputs.try_send(Input::Certificate(from, certificate.clone())));
        }
    }

    pub(super) fn on_worker(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Send { id, envelopes } => {
                let Some(running) = self.running.get(&id) else { return };
                let others = self.others(&running.proposal.participants);
                for envelope in envelopes {
                    match envelope.to {
                        To::One(peer) => self.send(peer, NodeMessage::Ceremony(envelope)),
                        To::All => {
                            for peer in &others {
                                self.send(*peer, NodeMessage::Ceremony(envelope.clone()));
                            }
                        }
                    }
                }
            }
            WorkerEvent::Done { id, output } => {
                if let Some(running) = self.running.remove(&id) {
                    self.distrusted.remove(&running.proposer);
                    self.events.push(KeeperEvent::Done { proposer: running.proposer, output });
                }
            }
            WorkerEvent::Failed { id, reason, fault } => {
                let Some(running) = self.running.remove(&id) else { return };
                let pair = if let Some(Fault::Pairwise { peer, check }) = &fault {
                    Some((*peer, *check))
                } else {
                    None
                };
                if let Some((peer, check)) = pair {
                    self.pair_failed(peer, check);
                }
                // Nobody waits for a run that has ended here, and both ends of a pair know that
                // theirs failed.
                for peer in self.others(&running.proposal.participants) {
                    let is_other_end = pair.is_some_and(|(other, _)| other == peer);
                    self.send(
                        peer,
                        if is_other_end {
                            NodeMessage::PairFailed(id)
                        } else {
                            NodeMessage::Decline(id)
                        },
                    );
                }
                // A run that timed out held its place for long, whoever was silent.
                if fault.as_ref().is_none_or(|fault| fault.culprit() == Some(running.proposer)) {
                    self.distrust(running.proposer);
                }
                self.events.push(KeeperEvent::Failed { proposal: running.proposal, reason, fault });
            }
        }
    }
}

async fn forward(mut from: tokio::sync::mpsc::Receiver<WorkerEvent>, to: Sender<Background>) {
    while let Some(event) = from.recv().await {
        if to.send(Background::Worker(event)).await.is_err() {
            return;
        }
    }
}

enum StartError {
    Entropy(EntropyError),
    Other(String, Option<Fault>),
}

impl From<EntropyError> for StartError {
    fn from(error: EntropyError) -> Self {
        StartError::Entropy(error)
    }
}

fn dkg_start<C: Curve>(config: dkg::Config) -> Result<(dkg::Ceremony<C>, Vec<Envelope>), Fault> {
    dkg::Ceremony::start(config)
}

#[cfg(test)]
mod tests;
