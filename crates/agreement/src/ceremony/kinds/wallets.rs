//! Wallet keys: several in one ceremony, made by all members.

use super::generation::{self, Generation};
use super::{Form, Particulars, Run, Sort};
use crate::ceremony::admission::Needs;
use crate::ceremony::job::Workshop;
use crate::ceremony::protocol::{KEY_TYPE_ECDSA, Started};
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::party::{Epoch, PartyId};
use std::sync::Arc;

/// The most wallet keys of one ceremony.
pub const MAX_KEYS: u32 = 64;

/// So many wallet keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wallets {
    /// From 1 to [`MAX_KEYS`].
    pub count: u32,
    /// The last block in which the keys can be registered.
    pub expiry: u64,
}

const CODE: u16 = 2;

impl Wallets {
    pub(super) fn of_form(form: &Form) -> Option<Self> {
        (form.code == CODE).then_some(Wallets { count: form.count, expiry: form.expiry })
    }
}

impl Particulars for Wallets {
    fn name(&self) -> &'static str {
        "wallet keys"
    }

    fn form(&self) -> Form {
        Form { code: CODE, count: self.count, expiry: self.expiry }
    }

    fn sort(&self) -> Sort {
        Sort::Keys
    }

    fn fits(&self, epoch: &Epoch, participants: &[PartyId]) -> bool {
        generation::are_all(epoch, participants) && (1..=MAX_KEYS).contains(&self.count)
    }

    fn is_wanted(&self, _: &Epoch, needs: &Needs) -> bool {
        needs.has_room_for_keys() && generation::is_timely(self.expiry, needs)
    }

    fn needs_base_transfers(&self) -> bool {
        false
    }

    fn start(&self, run: Run, workshop: &Arc<dyn Workshop>) -> Result<Started, Fault> {
        let (count, expiry) = (self.count, self.expiry);
        Generation::<Secp256k1>::start(run, count, KEY_TYPE_ECDSA, expiry, workshop, {
            |workshop, transcript, expiry, keys| workshop.keep_wallets(transcript, expiry, keys)
        })
    }
}
