//! Resharing to the same members: each key's shares are made anew.

use super::delivery::Delivery;
use super::keygen;
use super::network::{Network, fresh, ids};
use crate::meter::{Meter, Sample};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::machine::Machine;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::reshare::{Ceremony, Config, Dealing, Proposal, session};
use k256::ProjectivePoint;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Keys of one epoch, and the change to the next.
pub struct Resharing {
    network: Network,
    proposal: Proposal,
    shares: BTreeMap<PartyId, Vec<KeyShare<Secp256k1>>>,
    vectors: Vec<Vec<ProjectivePoint>>,
}

impl Resharing {
    pub fn new(members: u16, keys: u32) -> Self {
        let network = Network::new(members);
        let old = network.epoch.clone();
        let new =
            Epoch::new(*old.network(), old.number() + 1, old.members().to_vec(), old.threshold())
                .expect("a proper epoch");
        let proposal = Proposal::new(old, Arc::new(new)).expect("one epoch after the other");
        let shares = keygen::make::<Secp256k1>(&network, keys).shares;
        let vectors =
            shares[&network.nodes[0].id].iter().map(|share| share.commitments().to_vec()).collect();
        Resharing { network, proposal, shares, vectors }
    }

    /// One reshare of all keys, by as many dealers as sign; the cost of one key.
    pub fn run(&self) -> Sample {
        let (members, dealers) = (ids(&self.network.nodes), ids(self.network.signers()));
        let nonces: BTreeMap<_, _> = members.iter().map(|id| (*id, fresh())).collect();
        let sid = session::<Secp256k1>(&self.proposal, &dealers, &self.vectors, &nonces);
        let mut configs: BTreeMap<_, _> =
            members.iter().map(|id| (*id, self.config(*id, &dealers, sid))).collect();
        let mut delivery = Delivery::begin(&members, Meter::new(members.len()), |me| {
            Ceremony::start(configs.remove(&me).expect("everybody's"))
                .expect("a proper configuration")
        });
        delivery.settle();
        let done = |(_, machine): &mut (_, Ceremony<_>)| {
            machine.output().is_some_and(|made| made.keys.len() == self.vectors.len())
        };
        assert!(delivery.machines.iter_mut().all(done), "everybody has its new shares");
        delivery.meter.sample(self.vectors.len())
    }

    fn config(&self, me: PartyId, dealers: &[PartyId], sid: [u8; 32]) -> Config<Secp256k1> {
        let node = self.network.node(me);
        let deal = || {
            let permit = self.proposal.permitted().expect("a permitted change");
            Dealing { permit, shares: self.shares[&me].clone() }
        };
        Config {
            proposal: self.proposal.clone(),
            dealers: dealers.to_vec(),
            me,
            vectors: self.vectors.clone(),
            dealing: dealers.contains(&me).then(deal),
            signing_key: node.signing_key.clone(),
            sid,
            randomness: node.randomness(&sid),
        }
    }
}
