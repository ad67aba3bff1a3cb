//! The presignatures this node holds a part of, and the indices that it may assign.

use conclave_threshold::message::SessionId;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::{Batch, BatchCertificate, Presignature};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The most batches a node remembers. A batch beyond it is refused; its makers will not reach their target.
pub const MAX_BATCHES: usize = 4096;

/// What everybody knows about a batch: it is announced by its members when each of them holds its part.
struct Known {
    certificate: BatchCertificate,
    ready: BTreeSet<PartyId>,
    /// Indices that nobody can use again, as far as this node saw.
    spent: BTreeSet<u32>,
    usable: bool,
}

/// Memory only: a restart loses it, and nothing can bring a presignature back.
pub struct Stock {
    epoch: Arc<Epoch>,
    me: PartyId,
    held: BTreeMap<(SessionId, u32), Presignature>,
    batches: BTreeMap<SessionId, Known>,
    /// By set, the indices of complete batches that this node owns and has not assigned.
    assignable: BTreeMap<Vec<PartyId>, VecDeque<(SessionId, u32)>>,
}

impl Stock {
    pub fn new(epoch: Arc<Epoch>, me: PartyId) -> Self {
        Stock { epoch, me, held: BTreeMap::new(), batches: BTreeMap::new(), assignable: BTreeMap::new() }
    }

    /// Who alone may assign an index.
    pub fn owner(epoch: &Epoch, index: u32) -> PartyId {
        let members = epoch.members();
        members[index as usize % members.len()].id
    }

    /// Takes in this node's part of a batch it took part in.
    pub fn hold(&mut self, batch: Batch) {
        let sid = batch.certificate.sid;
        let certificate = BatchCertificate::clone(&batch.certificate);
        for presignature in batch.presignatures {
            self.held.insert((sid, presignature.index()), presignature);
        }
        self.ready(self.me, certificate);
    }

    /// A member of the batch's set says that it holds its part. Once all have, its indices can be assigned.
    pub fn ready(&mut self, from: PartyId, certificate: BatchCertificate) {
        let sid = certificate.sid;
        if !certificate.set.contains(&from) {
            return;
        }
        if !self.batches.contains_key(&sid) {
            if self.batches.len() >= MAX_BATCHES || !certificate.verify(&self.epoch) {
                return;
            }
            self.batches.insert(sid, Known { certificate, ready: BTreeSet::new(), spent: BTreeSet::new(), usable: false });
        }
        let Some(known) = self.batches.get_mut(&sid) else { return };
        known.ready.insert(from);
        if known.usable || known.ready.len() < known.certificate.set.len() {
            return;
        }
        known.usable = true;
        let queue = self.assignable.entry(known.certificate.set.clone()).or_default();
        let (epoch, me) = (&self.epoch, self.me);
        queue.extend((0..known.certificate.size).filter(|index| Stock::owner(epoch, *index) == me).map(|index| (sid, index)));
    }

    /// The presignature that an assignment names, out of the stock for good.
    pub fn take(&mut self, sid: &SessionId, index: u32) -> Option<Presignature> {
        self.spend(sid, index);
        self.held.remove(&(*sid, index))
    }

    /// Notes that an index was assigned, so that the stock of its owner is counted right.
    pub fn spend(&mut self, sid: &SessionId, index: u32) {
        let Some(known) = self.batches.get_mut(sid) else { return };
        if index < known.certificate.size {
            known.spent.insert(index);
        }
        if known.spent.len() == known.certificate.size as usize {
            self.batches.remove(sid);
        }
    }

    /// An index of this node's own whose whole set is in `willing`; it will never be given out again.
    pub fn next_assignable(&mut self, willing: &BTreeSet<PartyId>) -> Option<(SessionId, u32, Vec<PartyId>)> {
        let fits = |(set, queue): &(&Vec<PartyId>, &mut VecDeque<_>)| !queue.is_empty() && set.iter().all(|id| willing.contains(id));
        let (set, queue) = self.assignable.iter_mut().filter(fits).max_by_key(|(_, queue)| queue.len())?;
        let (sid, index) = queue.pop_front()?;
        Some((sid, index, set.clone()))
    }

    /// How many presignatures of `set` the poorest owner can still assign, as far as this node saw.
    pub fn lowest_of(&self, set: &[PartyId]) -> usize {
        let mut left: BTreeMap<PartyId, usize> = self.epoch.ids().into_iter().map(|id| (id, 0)).collect();
        for known in self.batches.values().filter(|known| known.certificate.set == set) {
            for index in (0..known.certificate.size).filter(|index| !known.spent.contains(index)) {
                *left.entry(Stock::owner(&self.epoch, index)).or_default() += 1;
            }
        }
        left.values().copied().min().unwrap_or(0)
    }

    /// Whether this node can assign from `set` at this moment.
    pub fn assignable(&self, set: &[PartyId]) -> usize {
        self.assignable.get(set).map_or(0, VecDeque::len)
    }

    /// How many presignatures this node holds a part of.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// A peer restarted, and with it its parts of every batch are gone.
    pub fn forget_batches_of(&mut self, peer: PartyId) {
        let dead: Vec<SessionId> =
            self.batches.iter().filter(|(_, known)| known.certificate.set.contains(&peer)).map(|(sid, _)| *sid).collect();
        for sid in dead {
            self.batches.remove(&sid);
            self.held.retain(|(held, _), _| *held != sid);
            for queue in self.assignable.values_mut() {
                queue.retain(|(queued, _)| *queued != sid);
            }
        }
    }
}
