//! What the two ends of a failed run tell each other and everybody else.

use super::*;
use crate::ceremony::{DkgSupport, KeyBatch, Proposal};
use crate::entropy::Entropy;
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::deal_epoch;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A node whose ceremonies never come to keys.
struct Keyless;

impl DkgSupport for Keyless {
    fn keep_wallets(
        &self,
        _: [u8; 32],
        _: u64,
        _: &[KeyShare<Secp256k1>],
    ) -> Result<Vec<Vec<u8>>, String> {
        Err("no keys here".into())
    }

    fn keep_network_key(
        &self,
        _: [u8; 32],
        _: u64,
        _: &KeyShare<Bls12381G1>,
    ) -> Result<Vec<Vec<u8>>, String> {
        Err("no keys here".into())
    }

    fn attest(&self, _: &KeyBatch) -> Result<Vec<u8>, String> {
        Err("no keys here".into())
    }

    fn verify(&self, _: PartyId, _: &KeyBatch, _: &[u8]) -> bool {
        false
    }
}

const ID: CeremonyId = [9; 16];

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

/// Node 1 of 4, in a presigning run with 2 and 3.
fn keeper() -> Keeper {
    let (epoch, keys) = deal_epoch(&[1, 2, 3, 4], 3, &mut Randomness::from_seed([1; 32]));
    let entropy = Arc::new(Entropy::new(Zeroizing::new([2; 32])).unwrap());
    let (background, _) = tokio::sync::mpsc::channel(1);
    let mut keeper = Keeper::new(
        epoch,
        party(1),
        keys[&party(1)].clone(),
        entropy,
        Arc::new(Keyless),
        background,
    );
    (2..=4).for_each(|peer| keeper.link_opened(party(peer)));
    let proposal = Proposal {
        id: ID,
        kind: Kind::Presign { size: 4 },
        participants: (1..=3).map(party).collect(),
    };
    let (inputs, _) = sync_channel(1);
    keeper.running.insert(
        ID,
        Running { proposal, proposer: party(1), sid: [3; 32], inputs, heard: BTreeMap::new() },
    );
    keeper
}

fn fail(keeper: &mut Keeper, fault: Option<Fault>) {
    keeper.on_worker(WorkerEvent::Failed { id: ID, reason: "a reason".into(), fault });
}

/// What was sent to whom: whether it says that the pair failed, or only that the run is over.
fn told(keeper: &mut Keeper) -> BTreeMap<PartyId, bool> {
    let sent = keeper.events().into_iter().filter_map(|event| match event {
        KeeperEvent::Send { to, message: NodeMessage::PairFailed(ID) } => Some((to, true)),
        KeeperEvent::Send { to, message: NodeMessage::Decline(ID) } => Some((to, false)),
        KeeperEvent::Send { message, .. } => panic!("{message:?}"),
        _ => None,
    });
    sent.collect()
}

#[test]
fn when_a_check_between_two_fails_the_other_end_is_told_so_and_the_rest_only_that_the_run_is_over()
{
    let mut keeper = keeper();
    fail(&mut keeper, Some(Fault::Pairwise { peer: party(2), check: "a check" }));
    assert_eq!(told(&mut keeper), BTreeMap::from([(party(2), true), (party(3), false)]));
    assert_eq!([2, 3, 4].map(|peer| keeper.is_open(party(peer))), [false, true, true]);
}

#[test]
fn the_other_end_leaves_the_pair_alone_too() {
    let mut keeper = keeper();
    keeper.on_pair_failed(party(2), ID);
    assert!(!keeper.is_open(party(2)) && keeper.is_open(party(3)));
    assert!(keeper.running.is_empty());
}

#[test]
fn who_is_in_no_run_with_this_node_cannot_say_that_a_pair_failed() {
    for (from, id) in [(party(4), ID), (party(2), [8; 16])] {
        let mut keeper = keeper();
        keeper.on_pair_failed(from, id);
        assert!(keeper.is_open(from) && keeper.running.len() == 1);
    }
}

#[test]
fn a_fault_that_is_proven_or_nobodys_leaves_every_pair_open() {
    for fault in [
        None,
        Some(Fault::Joint { check: "a check" }),
        Some(Fault::Proven { party: party(2), check: "a check" }),
    ] {
        let mut keeper = keeper();
        fail(&mut keeper, fault);
        assert_eq!(told(&mut keeper), BTreeMap::from([(party(2), false), (party(3), false)]));
        assert!([2, 3, 4].map(party).into_iter().all(|peer| keeper.is_open(peer)));
    }
}
