//! What generations of keys have in common: shares are on disk before anything can come of them.

use super::Run;
use crate::ceremony::admission::Needs;
use crate::ceremony::job::Workshop;
use crate::ceremony::protocol::{CeremonyOutput, GeneratedKeys, KeyBatch, Protocol, Started, Stop};
use crate::stocking::REGISTRATION_BLOCKS;
use conclave_threshold::dkg;
use conclave_threshold::envelope::Envelope;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Curve;
use conclave_threshold::key::KeyShare;
use conclave_threshold::machine::Machine;
use conclave_threshold::party::{Epoch, PartyId};
use std::sync::Arc;

/// Until shares can be repaired, a key that some member does not hold would be worth less than its
/// owner thinks.
pub(super) fn are_all(epoch: &Epoch, participants: &[PartyId]) -> bool {
    participants.len() == epoch.members().len()
}

/// Whether keys that expire then can still reach the chain, and not for longer than they need.
pub(super) fn is_timely(expiry: u64, needs: &Needs) -> bool {
    (needs.view.head..=needs.view.head + 2 * REGISTRATION_BLOCKS).contains(&expiry)
}

/// Stores shares, and returns the chain's form of their public keys.
type Keep<C> = fn(&dyn Workshop, [u8; 32], u64, &[KeyShare<C>]) -> Result<Vec<Vec<u8>>, String>;

/// A run of the key generation, with what surrounds it.
pub(super) struct Generation<C: Curve> {
    machine: dkg::Ceremony<C>,
    key_type: u8,
    expiry: u64,
    workshop: Arc<dyn Workshop>,
    keep: Keep<C>,
    attested: Option<KeyBatch>,
}

impl<C: Curve + 'static> Generation<C>
where
    dkg::Ceremony<C>: Send,
{
    pub fn start(
        run: Run,
        keys: u32,
        key_type: u8,
        expiry: u64,
        workshop: &Arc<dyn Workshop>,
        keep: Keep<C>,
    ) -> Result<Started, Fault> {
        let (machine, first) = dkg::Ceremony::start(dkg::Config {
            epoch: run.epoch,
            participants: run.participants,
            me: run.me,
            keys,
            signing_key: run.signing_key,
            sid: run.sid,
            randomness: run.randomness,
        })?;
        let workshop = workshop.clone();
        let generation = Generation { machine, key_type, expiry, workshop, keep, attested: None };
        Ok(Started { protocol: Box::new(generation), first })
    }

    /// Once the keys are checked: stores the shares, then attests them. From then on the others may
    /// register the keys.
    fn keep_and_attest(&mut self) -> Result<Vec<Envelope>, Stop> {
        let Some(provisional) = self.machine.provisional() else { return Ok(Vec::new()) };
        let (workshop, transcript) = (self.workshop.clone(), provisional.transcript);
        let public_keys =
            (self.keep)(workshop.as_ref(), transcript, self.expiry, &provisional.keys)?;
        let (key_type, expiry) = (self.key_type, self.expiry);
        let batch = KeyBatch { key_type, transcript, expiry, public_keys };
        self.attested = Some(batch.clone());
        let attestation = workshop.attest(&batch)?;
        let verify = move |member: PartyId, bytes: &[u8]| workshop.verify(member, &batch, bytes);
        Ok(self.machine.attest(attestation, Box::new(verify))?)
    }
}

impl<C: Curve + 'static> Protocol for Generation<C>
where
    dkg::Ceremony<C>: Send,
{
    fn receive(&mut self, from: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Stop> {
        let mut envelopes = self.machine.receive(from, envelope)?;
        envelopes.extend(self.keep_and_attest()?);
        Ok(envelopes)
    }

    fn output(&mut self) -> Option<CeremonyOutput> {
        let batch = self.attested.clone()?;
        let certificate = self.machine.output()?;
        let attestations = certificate.attestations.into_iter().collect();
        Some(CeremonyOutput::Keys(GeneratedKeys { batch, attestations }))
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        self.machine.waiting_for()
    }
}
