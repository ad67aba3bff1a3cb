//! The presignatures this node holds a part of, and the indices that it may assign.

use crate::member::Backlog;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::{Batch, BatchCertificate, Presignature};
use conclave_threshold::session::SessionId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The most batches a node remembers, and the most presignatures it holds parts of. Beyond either
/// the oldest batch goes.
#[derive(Clone, Copy, Debug)]
pub struct StockLimits {
    /// Batches, of whatever set.
    pub batches: usize,
    /// Presignatures, of whatever batch.
    pub held: usize,
    /// Sessions of batches that are gone, remembered so that an old certificate does not bring one
    /// back.
    pub retired: usize,
}

impl Default for StockLimits {
    fn default() -> Self {
        StockLimits { batches: 4_096, held: 65_536, retired: 16_384 }
    }
}

/// What everybody knows about a batch: it is announced by its members when each of them holds its
/// part.
struct Known {
    certificate: BatchCertificate,
    ready: BTreeSet<PartyId>,
    /// Indices that nobody can use again, as far as this node saw.
    spent: BTreeSet<u32>,
    /// How many indices each owner can still assign.
    left: BTreeMap<PartyId, usize>,
    /// This node's own indices that it has not assigned; empty until every member is ready.
    assignable: VecDeque<u32>,
    usable: bool,
}

/// Memory only: a restart loses it, and nothing can bring a presignature back.
pub struct Stock {
    epoch: Arc<Epoch>,
    me: PartyId,
    limits: StockLimits,
    held: BTreeMap<(SessionId, u32), Presignature>,
    batches: BTreeMap<SessionId, Known>,
    /// The batches by age, oldest first.
    ages: VecDeque<SessionId>,
    retired: VecDeque<SessionId>,
}

impl Stock {
    /// A stock without presignatures.
    pub fn new(epoch: Arc<Epoch>, me: PartyId, limits: StockLimits) -> Self {
        let (held, batches) = (BTreeMap::new(), BTreeMap::new());
        Stock { epoch, me, limits, held, batches, ages: VecDeque::new(), retired: VecDeque::new() }
    }

    /// Takes in this node's part of a batch it took part in.
    pub fn hold(&mut self, batch: Batch) {
        let certificate = BatchCertificate::clone(&batch.certificate);
        let sid = certificate.sid;
        self.ready(self.me, certificate);
        if !self.batches.contains_key(&sid) {
            return;
        }
        for presignature in batch.presignatures {
            self.held.insert((sid, presignature.index()), presignature);
        }
        while self.held.len() > self.limits.held && self.retire_oldest() {}
    }

    /// A member of the batch's set says that it holds its part. Once all have, its indices can be
    /// assigned.
    pub fn ready(&mut self, from: PartyId, certificate: BatchCertificate) {
        let sid = certificate.sid;
        if !certificate.set.contains(&from) || self.retired.contains(&sid) {
            return;
        }
        if !self.batches.contains_key(&sid) {
            if !certificate.verify(&self.epoch) {
                return;
            }
            self.remember(certificate);
        }
        let (epoch, me) = (self.epoch.clone(), self.me);
        let Some(known) = self.batches.get_mut(&sid) else { return };
        known.ready.insert(from);
        if known.usable || known.ready.len() < known.certificate.set.len() {
            return;
        }
        known.usable = true;
        known
            .assignable
            .extend((0..known.certificate.size).filter(|index| owner(&epoch, *index) == me));
    }

    fn remember(&mut self, certificate: BatchCertificate) {
        let sid = certificate.sid;
        let mut left = BTreeMap::new();
        for index in 0..certificate.size {
            *left.entry(owner(&self.epoch, index)).or_default() += 1;
        }
        let (ready, spent) = (BTreeSet::new(), BTreeSet::new());
        self.batches.insert(
            sid,
            Known { certificate, ready, spent, left, assignable: VecDeque::new(), usable: false },
        );
        self.ages.push_back(sid);
        while self.batches.len() > self.limits.batches && self.retire_oldest() {}
    }

    /// Forgets a batch for good.
    fn retire(&mut self, sid: SessionId) {
        let Some(known) = self.batches.remove(&sid) else { return };
        for index in 0..known.certificate.size {
            self.held.remove(&(sid, index));
        }
        self.ages.retain(|other| *other != sid);
        self.retired.push_back(sid);
        if self.retired.len() > self.limits.retired {
            self.retired.pop_front();
        }
    }

    fn retire_oldest(&mut self) -> bool {
        let oldest = self.ages.front().copied();
        oldest.map(|sid| self.retire(sid)).is_some()
    }

    /// The presignature that an assignment names, out of the stock for good.
    pub fn take(&mut self, sid: &SessionId, index: u32) -> Option<Presignature> {
        let presignature = self.held.remove(&(*sid, index));
        self.spend(sid, index);
        presignature
    }

    /// Notes that an index was assigned, so that the stock of its owner is counted right.
    pub fn spend(&mut self, sid: &SessionId, index: u32) {
        let Some(known) = self.batches.get_mut(sid) else { return };
        if index < known.certificate.size && known.spent.insert(index) {
            let left = known.left.entry(owner(&self.epoch, index)).or_default();
            *left = left.saturating_sub(1);
        }
        // Who is not in the set hears of nobody's indices but its own.
        let done = if known.certificate.set.contains(&self.me) {
            known.spent.len() == known.certificate.size as usize
                && self.held.range((*sid, 0)..=(*sid, u32::MAX)).next().is_none()
        } else {
            known.usable && known.assignable.is_empty()
        };
        if done {
            self.retire(*sid);
        }
    }

    /// An index of this node's own whose whole set is in `willing`, of the oldest batch that has
    /// one; it will never be given out again.
    pub fn next_assignable(
        &mut self,
        willing: &BTreeSet<PartyId>,
    ) -> Option<(SessionId, u32, Vec<PartyId>)> {
        let fits = |sid: &&SessionId| {
            let known = self.batches.get(*sid);
            known.is_some_and(|known| {
                !known.assignable.is_empty()
                    && known.certificate.set.iter().all(|id| willing.contains(id))
            })
        };
        let sid = self.ages.iter().find(fits).copied()?;
        let known = self.batches.get_mut(&sid)?;
        let index = known.assignable.pop_front()?;
        let set = known.certificate.set.clone();
        self.spend(&sid, index);
        Some((sid, index, set))
    }

    /// How many presignatures of `set` the poorest owner can still assign, as far as this node saw.
    pub fn lowest_of(&self, set: &[PartyId]) -> usize {
        let mut left: BTreeMap<PartyId, usize> =
            self.epoch.ids().into_iter().map(|id| (id, 0)).collect();
        for known in
            self.batches.values().filter(|known| known.usable && known.certificate.set == set)
        {
            for (owner, count) in &known.left {
                *left.entry(*owner).or_default() += count;
            }
        }
        left.values().copied().min().unwrap_or(0)
    }

    /// How many presignatures this node can assign at this moment, of whatever set.
    pub fn assignable(&self) -> usize {
        self.batches.values().map(|known| known.assignable.len()).sum()
    }

    /// What grows with batches.
    pub fn backlogs(&self) -> Vec<Backlog> {
        let backlog = |name, length, limit| Backlog { name, length, limit };
        vec![
            backlog("parts of presignatures", self.held.len(), self.limits.held),
            backlog("batches", self.batches.len(), self.limits.batches),
            backlog("retired batches", self.retired.len(), self.limits.retired),
        ]
    }

    /// How many presignatures this node holds a part of.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// A peer restarted, and with it its parts of every batch are gone.
    pub fn forget_batches_of(&mut self, peer: PartyId) {
        let theirs = |(_, known): &(&SessionId, &Known)| known.certificate.set.contains(&peer);
        let dead: Vec<SessionId> =
            self.batches.iter().filter(theirs).map(|(sid, _)| *sid).collect();
        dead.into_iter().for_each(|sid| self.retire(sid));
    }
}

/// Who alone may assign an index.
pub fn owner(epoch: &Epoch, index: u32) -> PartyId {
    conclave_threshold::online::index_owner(epoch, index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_threshold::randomness::Randomness;
    use conclave_threshold::testing::{deal_batch, deal_epoch};
    use ed25519_dalek::SigningKey;

    struct Dealer {
        epoch: Arc<Epoch>,
        keys: BTreeMap<PartyId, SigningKey>,
        randomness: Randomness,
    }

    impl Dealer {
        fn new() -> Self {
            let mut randomness = Randomness::from_seed([3; 32]);
            let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut randomness);
            Dealer { epoch, keys, randomness }
        }

        fn set(&self) -> Vec<PartyId> {
            self.epoch.ids().into_iter().take(2).collect()
        }

        /// Party 1's part of a batch of three, ready at both members.
        fn give(&mut self, stock: &mut Stock) -> BatchCertificate {
            let set = self.set();
            let mut parts = deal_batch(&self.epoch, &set, 3, &self.keys, &mut self.randomness);
            let part = parts.remove(&set[0]).unwrap();
            let certificate = (*part.certificate).clone();
            stock.hold(part);
            stock.ready(set[1], certificate.clone());
            certificate
        }

        fn stock(&self, batches: usize, held: usize) -> Stock {
            Stock::new(self.epoch.clone(), self.set()[0], StockLimits { batches, held, retired: 8 })
        }
    }

    #[test]
    fn the_oldest_batch_goes_when_one_more_than_the_limit_comes() {
        let mut dealer = Dealer::new();
        let mut stock = dealer.stock(2, 100);
        let first = dealer.give(&mut stock);
        dealer.give(&mut stock);
        assert_eq!((stock.held(), stock.take(&first.sid, 0).is_some()), (6, true));
        dealer.give(&mut stock);
        assert_eq!(stock.held(), 6);
        assert!(stock.take(&first.sid, 1).is_none());
    }

    #[test]
    fn the_oldest_batch_goes_when_more_parts_come_than_may_be_held() {
        let mut dealer = Dealer::new();
        let mut stock = dealer.stock(100, 6);
        let first = dealer.give(&mut stock);
        dealer.give(&mut stock);
        assert_eq!(stock.held(), 6);
        dealer.give(&mut stock);
        assert_eq!(stock.held(), 6);
        assert!(stock.take(&first.sid, 1).is_none());
    }

    #[test]
    fn an_old_certificate_brings_no_batch_back() {
        let mut dealer = Dealer::new();
        let mut stock = dealer.stock(100, 100);
        let certificate = dealer.give(&mut stock);
        assert_eq!(stock.lowest_of(&dealer.set()), 1);
        (0..3).for_each(|index| assert!(stock.take(&certificate.sid, index).is_some()));
        dealer.set().into_iter().for_each(|member| stock.ready(member, certificate.clone()));
        assert_eq!((stock.lowest_of(&dealer.set()), stock.assignable(), stock.held()), (0, 0, 0));
    }

    #[test]
    fn a_batch_counts_only_when_every_member_is_ready() {
        let mut dealer = Dealer::new();
        let set = dealer.set();
        let mut stock = dealer.stock(100, 100);
        let part = deal_batch(&dealer.epoch, &set, 3, &dealer.keys, &mut dealer.randomness)
            .remove(&set[0])
            .unwrap();
        let certificate = (*part.certificate).clone();
        stock.hold(part);
        assert_eq!((stock.lowest_of(&set), stock.assignable()), (0, 0));
        stock.ready(set[1], certificate);
        assert_eq!((stock.lowest_of(&set), stock.assignable()), (1, 1));
    }

    #[test]
    fn who_is_not_in_a_set_forgets_its_batch_once_its_own_indices_are_given_out() {
        let mut dealer = Dealer::new();
        let set = dealer.set();
        let outsider = dealer.epoch.ids()[2];
        let mut stock = Stock::new(dealer.epoch.clone(), outsider, StockLimits::default());
        let parts = deal_batch(&dealer.epoch, &set, 3, &dealer.keys, &mut dealer.randomness);
        let certificate = (*parts.values().next().unwrap().certificate).clone();
        set.iter().for_each(|member| stock.ready(*member, certificate.clone()));
        assert!(stock.next_assignable(&set.iter().copied().collect()).is_some());
        assert!(stock.batches.is_empty());
    }

    #[test]
    fn a_restarted_peer_takes_its_batches_with_it() {
        let mut dealer = Dealer::new();
        let mut stock = dealer.stock(100, 100);
        dealer.give(&mut stock);
        stock.forget_batches_of(dealer.set()[1]);
        assert_eq!((stock.held(), stock.assignable()), (0, 0));
    }
}
