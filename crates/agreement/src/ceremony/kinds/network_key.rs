//! The network's own BLS12-381 key: one, made by all members.

use super::generation::{self, Generation};
use super::{Form, Particulars, Run, Sort};
use crate::ceremony::admission::Needs;
use crate::ceremony::job::Workshop;
use crate::ceremony::protocol::{KEY_TYPE_BLS, Started};
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Bls12381G1;
use conclave_threshold::party::{Epoch, PartyId};
use std::sync::Arc;

/// One key for the whole network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NetworkKey {
    /// The last block in which the key can be registered.
    pub expiry: u64,
}

const CODE: u16 = 1;

impl NetworkKey {
    pub(super) fn of_form(form: &Form) -> Option<Self> {
        (form.code == CODE && form.count == 1).then_some(NetworkKey { expiry: form.expiry })
    }
}

impl Particulars for NetworkKey {
    fn name(&self) -> &'static str {
        "network key"
    }

    fn form(&self) -> Form {
        Form { code: CODE, count: 1, expiry: self.expiry }
    }

    fn sort(&self) -> Sort {
        Sort::Keys
    }

    fn fits(&self, epoch: &Epoch, participants: &[PartyId]) -> bool {
        generation::are_all(epoch, participants)
    }

    fn is_wanted(&self, _: &Epoch, needs: &Needs) -> bool {
        !needs.view.has_network_key && generation::is_timely(self.expiry, needs)
    }

    fn needs_base_transfers(&self) -> bool {
        false
    }

    fn start(&self, run: Run, workshop: &Arc<dyn Workshop>) -> Result<Started, Fault> {
        Generation::<Bls12381G1>::start(run, 1, KEY_TYPE_BLS, self.expiry, workshop, {
            |workshop, transcript, expiry, keys| {
                let [key] = keys else { return Err("a network has one key".into()) };
                workshop.keep_network_key(transcript, expiry, key)
            }
        })
    }
}
