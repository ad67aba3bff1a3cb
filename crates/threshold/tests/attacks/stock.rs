//! A holder of presignatures under whatever befalls it: taken, taken by two at once, crashed,
//! restarted, restored from a backup. What it ever gave out is written down outside of it, where no
//! crash reaches: no presignature is there twice.

use crate::presigning::{Table, randomness};
use crate::report;
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{Assignment, BindMessage, Bound, Derivation, Served, index_owner};
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::Presignature;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_key};
use std::collections::BTreeMap;
use std::sync::Arc;

type Slot = ([u8; 32], u32);

/// Everything that can be written to a disk: shares of keys. A presignature has no bytes.
#[derive(Clone)]
struct Disk {
    share: KeyShare<Secp256k1>,
}

#[derive(Default)]
struct Memory {
    fresh: BTreeMap<Slot, Presignature>,
    /// With the peer's message that completes it.
    bound: BTreeMap<Slot, (Bound, BindMessage)>,
    served: BTreeMap<Slot, Served>,
}

struct Holder {
    table: Table,
    disk: Disk,
    backups: Vec<Disk>,
    memory: Memory,
    /// The other member of the set, whose half is always there: nothing that it does makes up for a
    /// mistake of the holder.
    peer: KeyShare<Secp256k1>,
    peers: BTreeMap<Slot, Presignature>,
    dice: Randomness,
    /// Every slot ever dealt, so that old ones are asked for again.
    slots: Vec<Slot>,
    /// What left the holder: the digest each slot was bound to, and the use it answered.
    bound: BTreeMap<Slot, Digest>,
    answered: BTreeMap<Slot, Vec<u8>>,
}

impl Holder {
    fn new() -> Self {
        let (table, mut dice) = (Table::new(3), randomness(b"stock", 0));
        let shares = deal_key::<Secp256k1>(2, &table.epoch.ids(), &mut dice);
        let disk = Disk { share: shares[&table.set()[0]].clone() };
        Holder {
            peer: shares[&table.set()[1]].clone(),
            backups: vec![disk.clone()],
            disk,
            table,
            memory: Memory::default(),
            peers: BTreeMap::new(),
            dice,
            slots: Vec::new(),
            bound: BTreeMap::new(),
            answered: BTreeMap::new(),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        u32::from_be_bytes(self.dice.bytes()) as usize % bound
    }

    fn refill(&mut self) {
        let set = self.table.set();
        let mut dealt = deal_batch(&self.table.epoch, &set, 16, &self.table.keys, &mut self.dice);
        let slot = |presignature: &Presignature| (*presignature.sid(), presignature.index());
        let mine = dealt.remove(&set[0]).unwrap().presignatures;
        self.slots.extend(mine.iter().map(slot));
        self.memory
            .fresh
            .extend(mine.into_iter().map(|presignature| (slot(&presignature), presignature)));
        let theirs = dealt.remove(&set[1]).unwrap().presignatures;
        self.peers
            .extend(theirs.into_iter().map(|presignature| (slot(&presignature), presignature)));
    }

    /// Somebody wants `slot` for `digest`: the first to come gets it.
    fn take(&mut self, slot: Slot, digest: Digest) {
        let Some(presignature) = self.memory.fresh.remove(&slot) else { return };
        let (sid, index) = slot;
        let (epoch, set) = (&self.table.epoch, self.table.set());
        let public_key = self.disk.share.public_key().encoded().try_into().unwrap();
        let (derivation, digest_of_epoch) = (Derivation::None, epoch.digest());
        let assignment = Assignment {
            sid,
            index,
            set: set.clone(),
            epoch: digest_of_epoch,
            public_key,
            derivation,
            digest,
            request_key: RequestKey::new([3; 32]),
            name_hash: NameHash::new([4; 32]),
            attempt: 0,
        };
        let signed = assignment.sign(&self.table.keys[&index_owner(epoch, index)]);
        let public = Arc::new(self.disk.share.public_shares(&set).unwrap());
        let bind = |presignature: Presignature, share: &KeyShare<Secp256k1>, id: PartyId| {
            presignature.bind(&signed, share, &public, epoch, &self.table.keys[&id]).unwrap()
        };
        let (bound, _) = bind(presignature, &self.disk.share, set[0]);
        let (_, message) = bind(self.peers.remove(&slot).unwrap(), &self.peer, set[1]);
        assert!(self.bound.insert(slot, digest).is_none(), "index {index} was bound twice");
        self.memory.bound.insert(slot, (bound, message));
    }

    fn serve(&mut self, slot: Slot) {
        let Some((mut bound, message)) = self.memory.bound.remove(&slot) else { return };
        bound.receive(message).unwrap();
        let ready = bound.check(&mut self.dice).unwrap();
        let (_, served) = ready.share(&self.table.keys[&self.table.set()[0]]).unwrap();
        let before = self.answered.insert(slot, served.use_bytes().to_vec());
        assert!(before.is_none(), "index {} was answered twice", slot.1);
        self.memory.served.insert(slot, served);
    }

    /// The same again, from whatever is still there.
    fn ask_again(&self, slot: Slot) {
        let Some(served) = self.memory.served.get(&slot) else { return };
        assert_eq!(Some(served.use_bytes()), self.answered.get(&slot).map(Vec::as_slice));
        assert!(served.answer_to(&self.answered[&slot]).is_some());
    }

    fn step(&mut self) {
        if self.memory.fresh.is_empty() {
            self.refill();
        }
        let (at, digest) = (self.below(self.slots.len()), Digest::new([self.below(200) as u8; 32]));
        // Old slots now and then; mostly one that is fresh.
        let fresh = *self.memory.fresh.keys().next().unwrap();
        let slot = if at % 3 == 0 { self.slots[at] } else { fresh };
        let in_flight = self.memory.bound.keys().next().copied();
        match self.below(128) {
            0 => self.memory = Memory::default(),
            1 => {
                let backup = self.below(self.backups.len());
                (self.disk, self.memory) = (self.backups[backup].clone(), Memory::default());
            }
            2 => self.backups.push(self.disk.clone()),
            3 => drop(self.memory.bound.remove(&slot)),
            4..8 => {
                // Two requests at once for one slot.
                self.take(slot, digest);
                self.take(slot, Digest::new([0xff; 32]));
            }
            8..16 => self.take(slot, digest),
            16..32 => in_flight.into_iter().for_each(|slot| self.serve(slot)),
            _ => self.ask_again(slot),
        }
    }
}

fn steps(count: u64) -> (usize, usize) {
    let mut holder = Holder::new();
    (0..count).for_each(|_| holder.step());
    (holder.bound.len(), holder.answered.len())
}

#[test]
fn no_presignature_is_given_out_twice_whatever_befalls_its_holder() {
    let (bound, answered) = steps(20_000);
    assert!(
        bound > 1_000 && answered > 500 && answered < bound,
        "{bound} bound, {answered} answered"
    );
}

#[test]
#[ignore = "long"]
fn long_stock_of_presignatures() {
    let (bound, answered) = steps(1_000_000);
    report(format_args!(
        "1000000 operations, {bound} presignatures bound and {answered} answered, 0 twice"
    ));
}
