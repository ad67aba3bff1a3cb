//! From a complete prelude to a running protocol, and what passes between it and the links.

use super::{Director, Effect};
use crate::ceremony::job::{Feed, Task};
use crate::ceremony::kinds::Run;
use crate::ceremony::message::{CeremonyId, CeremonyMessage, Proposal};
use crate::ceremony::prelude::Prelude;
use crate::ceremony::protocol::{CeremonyOutput, Protocol, Stop};
use crate::entropy::Entropy;
use crate::note::Note;
use crate::time::{Duration, Instant};
use conclave_threshold::codec::Encode;
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::ot::PairSeeds;
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::BatchCertificate;
use conclave_threshold::session::SessionId;
use conclave_threshold::session::session_id;
use std::collections::BTreeMap;

/// A ceremony that has not ended after this is dropped, with everything in it.
pub const CEREMONY_TIMEOUT: Duration = Duration::from_secs(90);
/// Messages of one participant to one ceremony. No protocol has more than two in each of four
/// rounds.
const MAX_FROM_ONE: usize = 8;

/// A protocol under way. It is either here or away in a job; meanwhile its messages wait.
pub(super) struct Running {
    pub proposal: Proposal,
    pub proposer: PartyId,
    pub sid: SessionId,
    pub begun: Instant,
    pub protocol: Option<Box<dyn Protocol>>,
    pub feed: Vec<Feed>,
    pub heard: BTreeMap<PartyId, usize>,
}

impl Director {
    pub(super) fn start_if_complete(&mut self, id: CeremonyId, entropy: &mut dyn Entropy) {
        if !self.preludes.get(&id).is_some_and(Prelude::is_complete) {
            return;
        }
        let Some(prelude) = self.preludes.remove(&id) else { return };
        let proposal = prelude.proposal.clone();
        if let Err(reason) = self.start_protocol(prelude, entropy) {
            // The others may have begun: they would wait for this member until their time is over.
            for peer in self.others(&proposal.participants) {
                self.send(peer, CeremonyMessage::Decline(id));
            }
            self.fail(proposal, reason, None);
        }
    }

    /// With everybody's word in hand: the session id and the protocol's first job.
    fn start_protocol(
        &mut self,
        mut prelude: Prelude,
        entropy: &mut dyn Entropy,
    ) -> Result<(), String> {
        let proposal = prelude.proposal.clone();
        let participants = proposal.participants.clone();
        let joins: Vec<u8> = prelude.joins.values().flat_map(Encode::encoded).collect();
        let parameters = [proposal.digest().as_slice(), &joins].concat();
        let name = proposal.kind.name();
        let sid = session_id(name, &self.epoch, &participants, &parameters, &prelude.nonces());
        let mut base_transfers = BTreeMap::new();
        if proposal.kind.particulars().needs_base_transfers() {
            for peer in self.others(&participants) {
                let handle = prelude.handle(peer, self.me).map(|handle| handle.id);
                let bob = handle.and_then(|id| self.ots.take_sent(peer, &id));
                let (Some(alice), Some(bob)) = (prelude.seeds.remove(&peer), bob) else {
                    return Err(format!("party {peer} named base transfers that are not in stock"));
                };
                base_transfers.insert(peer, PairSeeds { alice, bob });
            }
        }
        let run = Run {
            epoch: self.epoch.clone(),
            me: self.me,
            participants,
            sid,
            signing_key: self.signing_key.clone(),
            randomness: entropy.randomness(&sid),
            base_transfers,
        };
        let (id, kind) = (proposal.id, proposal.kind);
        let feed: Vec<Feed> = self
            .early
            .take(&sid)
            .into_iter()
            .map(|(from, envelope)| Feed::Envelope(from, envelope))
            .collect();
        let running = Running {
            proposal,
            proposer: prelude.proposer,
            sid,
            begun: self.now,
            protocol: None,
            feed,
            heard: BTreeMap::new(),
        };
        self.running.insert(id, running);
        self.start(Task::Start { id, kind, run: Box::new(run) });
        Ok(())
    }

    /// Whether `party` takes part in a running ceremony with this member.
    pub(super) fn takes_part(&self, party: PartyId, id: CeremonyId) -> bool {
        self.running.get(&id).is_some_and(|run| run.proposal.participants.contains(&party))
    }

    /// Gives a protocol that is here what waits for it.
    fn feed(&mut self, id: CeremonyId) {
        let Some(running) = self.running.get_mut(&id).filter(|run| !run.feed.is_empty()) else {
            return;
        };
        if let Some(protocol) = running.protocol.take() {
            let (kind, feed) = (running.proposal.kind, core::mem::take(&mut running.feed));
            self.start(Task::Feed { id, kind, protocol, feed });
        }
    }

    pub(super) fn on_envelope(&mut self, from: PartyId, envelope: Envelope) {
        let Some((id, running)) =
            self.running.iter_mut().find(|(_, running)| running.sid == envelope.sid)
        else {
            return self.early.keep(from, envelope);
        };
        let (id, heard) = (*id, running.heard.entry(from).or_default());
        *heard += 1;
        if *heard <= MAX_FROM_ONE {
            running.feed.push(Feed::Envelope(from, envelope));
            self.feed(id);
        }
    }

    /// A batch of which this member may lack signatures is complete elsewhere.
    pub fn on_certificate(&mut self, from: PartyId, certificate: &BatchCertificate) {
        let run = self.running.iter_mut().find(|(_, running)| running.sid == certificate.sid);
        let Some((id, running)) = run else { return };
        let (id, heard) = (*id, running.heard.entry(from).or_default());
        *heard += 1;
        if *heard <= MAX_FROM_ONE {
            running.feed.push(Feed::Certificate(from, certificate.clone()));
            self.feed(id);
        }
    }

    /// The other end of a pair has seen a check fail. It would refuse what was prepared with it.
    pub(super) fn on_pair_failed(&mut self, from: PartyId, id: CeremonyId) {
        if self.takes_part(from, id) {
            self.pair_failed(from, "one that the other end made");
            self.abandon(id, format!("a check between this member and party {from} failed"));
        }
    }

    /// A protocol has come back from a job.
    pub(super) fn moved(
        &mut self,
        id: CeremonyId,
        protocol: Option<Box<dyn Protocol>>,
        envelopes: Vec<Envelope>,
        dropped: Vec<Fault>,
        end: Option<Result<Box<CeremonyOutput>, Stop>>,
    ) {
        // Abandoned meanwhile.
        let Some(running) = self.running.get_mut(&id) else { return };
        running.protocol = protocol;
        let others = running.proposal.participants.clone();
        let others = self.others(&others);
        let dropped = dropped.into_iter().map(|fault| Note::CeremonyMessageDropped { fault });
        self.effects.extend(dropped.map(Effect::Note));
        for envelope in envelopes {
            match envelope.to {
                To::One(peer) => self.send(peer, CeremonyMessage::Run(envelope)),
                To::All => others
                    .iter()
                    .for_each(|peer| self.send(*peer, CeremonyMessage::Run(envelope.clone()))),
            }
        }
        match end {
            None => self.feed(id),
            Some(Ok(output)) => {
                if let Some(running) = self.running.remove(&id) {
                    self.distrusted.remove(&running.proposer);
                    self.effects.push(Effect::Done { proposer: running.proposer, output });
                }
            }
            Some(Err(stop)) => self.stopped(id, stop),
        }
    }

    pub(super) fn stopped(&mut self, id: CeremonyId, stop: Stop) {
        let Some(running) = self.running.remove(&id) else { return };
        let Stop { reason, fault } = stop;
        let pair = match &fault {
            Some(Fault::Pairwise { peer, check }) => Some((*peer, *check)),
            _ => None,
        };
        if let Some((peer, check)) = pair {
            self.pair_failed(peer, check);
        }
        // Nobody waits for a run that has ended here, and both ends of a pair know that theirs
        // failed.
        for peer in self.others(&running.proposal.participants) {
            let is_other_end = pair.is_some_and(|(other, _)| other == peer);
            let message = if is_other_end {
                CeremonyMessage::PairFailed(id)
            } else {
                CeremonyMessage::Decline(id)
            };
            self.send(peer, message);
        }
        // A run that timed out held its place for long, whoever was silent.
        if fault.as_ref().is_none_or(|fault| fault.culprit() == Some(running.proposer)) {
            self.distrust(running.proposer);
        }
        self.fail(running.proposal, reason, fault);
    }

    pub(super) fn drop_overdue_runs(&mut self) {
        let overdue: Vec<(CeremonyId, String)> = self
            .running
            .iter()
            .filter(|(_, running)| self.now > running.begun + CEREMONY_TIMEOUT)
            .map(|(id, running)| (*id, running.silent()))
            .collect();
        for (id, silent) in overdue {
            self.stopped(id, format!("timed out waiting for {silent}").into());
        }
    }
}

impl Running {
    /// Participants that are waited for, for people.
    fn silent(&self) -> String {
        let Some(protocol) = &self.protocol else { return "this member's own computation".into() };
        let silent: Vec<String> =
            protocol.waiting_for().iter().map(|id| format!("party {id}")).collect();
        silent.join(", ")
    }
}
