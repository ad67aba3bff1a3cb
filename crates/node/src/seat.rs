//! A node's seat in one epoch: all that belongs to the epoch and ends with it. Records on disk
//! stay.

use crate::keys::{KeyBook, NodeWorkshop, Registrar};
use crate::lock::locked;
use conclave_agreement::Workshop;
use conclave_chain::{Account, Chain, Membership};
use conclave_keystore::{Keystore, KeystoreError};
use conclave_threshold::party::{Epoch, Member, PartyId, RosterError, network_hash};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub struct Seat {
    pub epoch: Arc<Epoch>,
    pub me: PartyId,
    /// The chain's word on the members.
    pub membership: Membership,
    pub keybook: Arc<KeyBook>,
    pub registrar: Arc<Registrar>,
}

/// Why there is no seat in an epoch.
#[derive(Debug, thiserror::Error)]
pub enum SeatError {
    #[error("the chain's list of members is not usable: {0}")]
    Roster(#[from] RosterError),
    #[error("this node is not among the members")]
    NotAMember,
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

fn epoch_of(membership: &Membership) -> Result<Epoch, RosterError> {
    let members = membership.members.iter().filter_map(|member| {
        Some(Member { id: PartyId::new(member.id)?, identity: member.identity })
    });
    let network = network_hash(membership.chain_id, &membership.staking.into());
    Epoch::new(network, membership.epoch, members.collect(), membership.threshold)
}

impl Seat {
    /// The seat of the member with this identity.
    pub fn new(
        membership: Membership,
        identity: &[u8; 32],
        chain: &Chain,
        account: &Account,
        keystore: &Arc<Keystore>,
    ) -> Result<Self, SeatError> {
        let epoch = Arc::new(epoch_of(&membership)?);
        let own = epoch.members().iter().find(|member| member.identity == *identity);
        let me = own.map(|member| member.id).ok_or(SeatError::NotAMember)?;
        let accounts = membership
            .members
            .iter()
            .filter_map(|member| Some((PartyId::new(member.id)?, member.address)));
        let registrar = Registrar {
            chain: chain.clone(),
            account: account.clone(),
            epoch: epoch.number(),
            me,
            accounts: accounts.collect(),
        };
        Ok(Seat {
            keybook: Arc::new(KeyBook::open(keystore.clone(), epoch.number())?),
            registrar: Arc::new(registrar),
            epoch,
            me,
            membership,
        })
    }

    /// What the epoch's jobs work with.
    pub fn workshop(&self) -> Arc<dyn Workshop> {
        Arc::new(NodeWorkshop { keybook: self.keybook.clone(), registrar: self.registrar.clone() })
    }
}

/// The seats in all epochs that are alive, by the epoch's number.
#[derive(Default)]
pub struct Seats(Mutex<BTreeMap<u64, Arc<Seat>>>);

impl Seats {
    pub fn take(&self, seat: Arc<Seat>) {
        locked(&self.0).insert(seat.epoch.number(), seat);
    }

    pub fn all(&self) -> Vec<Arc<Seat>> {
        locked(&self.0).values().cloned().collect()
    }
}
