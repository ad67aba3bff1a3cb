//! Presignatures: a batch among exactly the members of one signing set.

use super::{Form, Particulars, Run, Sort};
use crate::ceremony::admission::Needs;
use crate::ceremony::job::Workshop;
use crate::ceremony::protocol::{CeremonyOutput, Protocol, Started, Stop};
use conclave_threshold::envelope::Envelope;
use conclave_threshold::fault::Fault;
use conclave_threshold::machine::Machine;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presign;
use conclave_threshold::presignature::{BatchCertificate, MAX_BATCH};
use std::sync::Arc;

/// So many presignatures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presign {
    /// From 1 to [`MAX_BATCH`].
    pub size: u32,
}

const CODE: u16 = 3;

impl Presign {
    pub(super) fn of_form(form: &Form) -> Option<Self> {
        (form.code == CODE && form.expiry == 0).then_some(Presign { size: form.count })
    }
}

impl Particulars for Presign {
    fn name(&self) -> &'static str {
        "presignatures"
    }

    fn form(&self) -> Form {
        Form { code: CODE, count: self.size, expiry: 0 }
    }

    fn sort(&self) -> Sort {
        Sort::Presignatures
    }

    fn fits(&self, epoch: &Epoch, participants: &[PartyId]) -> bool {
        epoch.signing_set(participants).is_ok() && (1..=MAX_BATCH).contains(&self.size)
    }

    /// Small batches only cost, and a set that is well stocked needs no more.
    fn is_wanted(&self, epoch: &Epoch, needs: &Needs) -> bool {
        self.size as usize >= epoch.members().len() && !needs.is_well_stocked()
    }

    fn needs_base_transfers(&self) -> bool {
        true
    }

    fn start(&self, run: Run, workshop: &Arc<dyn Workshop>) -> Result<Started, Fault> {
        workshop.start_presigning(presign::Config {
            epoch: run.epoch,
            set: run.participants,
            me: run.me,
            size: self.size,
            sid: run.sid,
            signing_key: run.signing_key,
            ots: run.base_transfers,
            randomness: run.randomness,
        })
    }
}

impl Protocol for presign::Ceremony {
    fn receive(&mut self, from: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Stop> {
        Ok(Machine::receive(self, from, envelope)?)
    }

    fn certificate(&mut self, from: PartyId, certificate: &BatchCertificate) -> Result<(), Stop> {
        Ok(self.complete(from, certificate)?)
    }

    fn output(&mut self) -> Option<CeremonyOutput> {
        Machine::output(self).map(CeremonyOutput::Presignatures)
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        Machine::waiting_for(self)
    }
}
