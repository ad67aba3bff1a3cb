//! When to make more: keys for the chain's pool, presignatures for each signing set.

use crate::ceremony::{Director, Kind, NetworkKey, Presign, Wallets};
use crate::entropy::Entropy;
use crate::signing::Stock;
use crate::time::{Duration, Instant};
use crate::view::ChainView;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::MAX_BATCH;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much is kept ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StockTargets {
    /// Attested, unminted keys on chain.
    pub pool: u64,
    /// Presignatures that every owner can still assign, for each signing set.
    pub presignatures: usize,
}

impl Default for StockTargets {
    fn default() -> Self {
        StockTargets { pool: 32, presignatures: 16 }
    }
}

/// Blocks that a batch of keys has to reach the chain.
pub const REGISTRATION_BLOCKS: u64 = 300;
/// A proposer that brings nothing to the chain for so long is passed over for the next.
pub const PROPOSER_PATIENCE: Duration = Duration::from_secs(20);
/// The most sets whose presignatures one node makes at a time.
const MAX_OWN_PRESIGN: usize = 1;
/// All sets of the threshold's size are kept in stock up to this many; beyond, one window for each
/// member.
const MAX_SETS: usize = 10;

/// The signing sets that presignatures are kept for. With more members than fit all combinations:
/// the cyclic windows, of which every single loss leaves some whole.
pub fn signing_sets(epoch: &Epoch) -> Vec<Vec<PartyId>> {
    let (ids, threshold) = (epoch.ids(), usize::from(epoch.threshold()));
    let all = combinations(&ids, threshold, MAX_SETS + 1);
    if all.len() <= MAX_SETS {
        return all;
    }
    let window = |start: usize| {
        let mut set: Vec<PartyId> =
            ids.iter().cycle().skip(start).take(threshold).copied().collect();
        set.sort_unstable();
        set
    };
    (0..ids.len()).map(window).collect()
}

/// At most `limit` of the subsets of `size`, in lexicographic order.
fn combinations(ids: &[PartyId], size: usize, limit: usize) -> Vec<Vec<PartyId>> {
    match ids {
        _ if size == 0 => vec![Vec::new()],
        [first, rest @ ..] if ids.len() >= size => {
            let with_first = combinations(rest, size - 1, limit).into_iter().map(|mut set| {
                set.insert(0, *first);
                set
            });
            with_first.chain(combinations(rest, size, limit)).take(limit).collect()
        }
        _ => Vec::new(),
    }
}

/// Small first, so that a new network can sign soon; larger ones are cheaper for each presignature.
fn batch_size(members: usize, stocked: usize) -> u32 {
    let rounds = match stocked {
        0 => 1,
        1..=3 => 4,
        _ => 8,
    };
    ((members * rounds) as u32).min(MAX_BATCH)
}

/// Keys of the next ceremony, likewise.
fn key_count(pool: u64, target: u64) -> u32 {
    let wanted = target.saturating_sub(pool).min(16);
    if pool == 0 { wanted.min(4) as u32 } else { wanted as u32 }
}

/// When one member proposes to make more.
pub struct Stocking {
    epoch: Arc<Epoch>,
    me: PartyId,
    sets: Vec<Vec<PartyId>>,
    targets: StockTargets,
    /// The number of batches on chain when it last changed, and when.
    batches: (u64, Instant),
    /// Keys were generated and are on their way to the chain since then.
    registering: Option<(u64, Instant)>,
    /// Sets whose presigning came to nothing: how often in a row, and until when they wait for the
    /// others.
    pauses: BTreeMap<Vec<PartyId>, (u32, Instant)>,
}

/// After a presigning run that came to nothing its set waits so long, doubled with each further
/// failure up to [`MAX_PAUSES`] times: no set that cannot be stocked keeps the others from it.
const PRESIGN_PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSES: u32 = 5;

impl Stocking {
    /// For one member of an epoch.
    pub fn new(epoch: Arc<Epoch>, me: PartyId, targets: StockTargets) -> Self {
        let sets = signing_sets(&epoch);
        let batches = (0, Instant::START);
        Stocking { epoch, me, sets, targets, batches, registering: None, pauses: BTreeMap::new() }
    }

    /// A presigning run came to nothing.
    pub fn presigning_failed(&mut self, set: &[PartyId], now: Instant) {
        if self.sets.iter().any(|known| known == set) {
            let (failures, until) = self.pauses.entry(set.to_vec()).or_default();
            *failures = (*failures + 1).min(MAX_PAUSES);
            *until = now + PRESIGN_PAUSE * (1 << *failures);
        }
    }

    /// A presigning run brought a batch.
    pub fn presigning_succeeded(&mut self, set: &[PartyId]) {
        self.pauses.remove(set);
    }

    /// A key generation succeeded; its batch is to appear on chain.
    pub fn generated(&mut self, batches_now: u64, now: Instant) {
        self.registering = Some((batches_now, now));
    }

    /// Proposes what is missing and is this member's to propose.
    pub fn tick(
        &mut self,
        director: &mut Director,
        stock: &Stock,
        view: &ChainView,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) {
        self.make_presignatures(director, stock, now, entropy);
        self.make_keys(director, view, now, entropy);
    }

    fn make_presignatures(
        &mut self,
        director: &mut Director,
        stock: &Stock,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) {
        let mine = self.sets.iter().enumerate().filter(|(number, set)| {
            let proposers: Vec<&PartyId> = set.iter().collect();
            proposers.get(number % proposers.len().max(1)).is_some_and(|id| **id == self.me)
        });
        let mut wanting: Vec<(usize, &Vec<PartyId>)> = mine
            .map(|(_, set)| (stock.lowest_of(set), set))
            .filter(|(lowest, _)| *lowest < self.targets.presignatures)
            .filter(|(_, set)| set.iter().all(|id| director.is_open(*id)))
            .filter(|(_, set)| self.pauses.get(*set).is_none_or(|(_, until)| now >= *until))
            .collect();
        wanting.sort_by_key(|(lowest, _)| *lowest);
        for (lowest, set) in wanting {
            if director.own_presigning() >= MAX_OWN_PRESIGN || director.is_presigning(set) {
                continue;
            }
            if director.can_presign_with(set) {
                let size = batch_size(self.epoch.members().len(), lowest);
                director.propose(Kind::Presign(Presign { size }), set.clone(), entropy);
            }
        }
    }

    fn make_keys(
        &mut self,
        director: &mut Director,
        view: &ChainView,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) {
        if view.batches != self.batches.0 {
            self.batches = (view.batches, now);
        }
        let underway = |(batches, since): (u64, Instant)| {
            batches == view.batches && now < since + PROPOSER_PATIENCE
        };
        let has_enough = view.has_network_key && view.pool >= self.targets.pool;
        if has_enough || self.registering.is_some_and(underway) {
            return;
        }
        let members = self.epoch.ids();
        let passed_over = now.since(self.batches.1).as_millis() / PROPOSER_PATIENCE.as_millis();
        let turn = (u128::from(view.batches) + passed_over) % members.len() as u128;
        if members.get(turn as usize) != Some(&self.me) || director.is_generating() {
            return;
        }
        if !members.iter().all(|id| director.is_open(*id)) {
            return;
        }
        let expiry = view.head + REGISTRATION_BLOCKS;
        let kind = if view.has_network_key {
            Kind::Wallets(Wallets { count: key_count(view.pool, self.targets.pool), expiry })
        } else {
            Kind::NetworkKey(NetworkKey { expiry })
        };
        director.propose(kind, members, entropy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_threshold::party::{Member, two_thirds};

    fn epoch(size: u16) -> Epoch {
        let member = |number: u16| Member {
            id: PartyId::new(number).unwrap(),
            identity: [number as u8; 32],
        };
        Epoch::new([0; 32], 1, (1..=size).map(member).collect(), two_thirds(usize::from(size)))
            .unwrap()
    }

    #[test]
    fn any_single_loss_leaves_a_whole_set() {
        for size in 3..=20 {
            let epoch = epoch(size);
            let sets = signing_sets(&epoch);
            assert!(sets.iter().all(|set| epoch.signing_set(set).is_ok()), "{size} members");
            for lost in epoch.ids() {
                assert!(
                    sets.iter().any(|set| !set.contains(&lost)),
                    "{size} members without {lost}"
                );
            }
        }
    }

    #[test]
    fn small_networks_stock_every_set() {
        assert_eq!(signing_sets(&epoch(3)).len(), 3);
        assert_eq!(signing_sets(&epoch(5)).len(), 5);
        assert_eq!(signing_sets(&epoch(10)).len(), 10);
    }
}
