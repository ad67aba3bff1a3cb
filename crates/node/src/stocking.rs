//! When to make more: keys for the chain's pool, presignatures for each signing set.

use crate::ceremony::{Keeper, Kind};
use crate::chain_view::ChainView;
use crate::config::StockTargets;
use crate::entropy::EntropyError;
use crate::signing::Stock;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::MAX_BATCH;
use std::collections::BTreeMap;

/// Blocks that a batch of keys has to reach the chain.
pub const REGISTRATION_BLOCKS: u64 = 300;
/// A proposer that brings nothing to the chain for so long (milliseconds) is passed over for the
/// next.
pub const PROPOSER_PATIENCE: u64 = 20_000;
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

pub struct Stocking {
    sets: Vec<Vec<PartyId>>,
    targets: StockTargets,
    /// The number of batches on chain when it last changed, and when.
    batches: (u64, u64),
    /// Keys were generated and are on their way to the chain since then.
    registering: Option<(u64, u64)>,
    /// Sets whose presigning came to nothing: how often in a row, and until when they wait for the
    /// others.
    pauses: BTreeMap<Vec<PartyId>, (u32, u64)>,
}

/// After a presigning run that came to nothing its set waits so many milliseconds, doubled with
/// each further failure up to [`MAX_PAUSES`] times: no set that cannot be stocked keeps the others
/// from it.
const PRESIGN_PAUSE: u64 = 200;
const MAX_PAUSES: u32 = 5;

impl Stocking {
    pub fn new(epoch: &Epoch, targets: StockTargets) -> Self {
        Stocking {
            sets: signing_sets(epoch),
            targets,
            batches: (0, 0),
            registering: None,
            pauses: BTreeMap::new(),
        }
    }

    /// Whether the chain's pool is not far above what this node would fill it to.
    pub fn has_room(&self, pool: u64) -> bool {
        pool < 2 * self.targets.pool
    }

    /// A presigning run came to nothing.
    pub fn presigning_failed(&mut self, set: &[PartyId], now: u64) {
        if self.sets.iter().any(|known| known == set) {
            let (failures, until) = self.pauses.entry(set.to_vec()).or_default();
            *failures = (*failures + 1).min(MAX_PAUSES);
            *until = now + (PRESIGN_PAUSE << *failures);
        }
    }

    pub fn presigning_succeeded(&mut self, set: &[PartyId]) {
        self.pauses.remove(set);
    }

    /// How many presignatures of a set every owner has at most before this node takes part in
    /// making more.
    pub fn most_presignatures(&self) -> usize {
        2 * self.targets.presignatures
    }

    /// A key generation succeeded; its batch is to appear on chain.
    pub fn generated(&mut self, batches_now: u64, now: u64) {
        self.registering = Some((batches_now, now));
    }

    /// Proposes what is missing and is this node's to propose.
    pub fn tick(
        &mut self,
        epoch: &Epoch,
        me: PartyId,
        keeper: &mut Keeper,
        stock: &Stock,
        view: &ChainView,
        now: u64,
    ) -> Result<(), EntropyError> {
        self.make_presignatures(epoch, me, keeper, stock, now)?;
        self.make_keys(epoch, me, keeper, view, now)
    }

    fn make_presignatures(
        &mut self,
        epoch: &Epoch,
        me: PartyId,
        keeper: &mut Keeper,
        stock: &Stock,
        now: u64,
    ) -> Result<(), EntropyError> {
        let mine = self.sets.iter().enumerate().filter(|(number, set)| {
            let proposers: Vec<&PartyId> = set.iter().collect();
            proposers.get(number % proposers.len().max(1)).is_some_and(|id| **id == me)
        });
        let mut wanting: Vec<(usize, &Vec<PartyId>)> = mine
            .map(|(_, set)| (stock.lowest_of(set), set))
            .filter(|(lowest, set)| {
                *lowest < self.targets.presignatures && set.iter().all(|id| keeper.is_open(*id))
            })
            .filter(|(_, set)| self.pauses.get(*set).is_none_or(|(_, until)| now >= *until))
            .collect();
        wanting.sort_by_key(|(lowest, _)| *lowest);
        for (lowest, set) in wanting {
            let presigning = |kind: &Kind| matches!(kind, Kind::Presign { .. });
            if keeper.proposed(presigning) >= MAX_OWN_PRESIGN
                || keeper
                    .is_busy(|proposal| presigning(&proposal.kind) && proposal.participants == *set)
            {
                continue;
            }
            if keeper.can_presign_with(set) {
                keeper.propose(
                    Kind::Presign { size: batch_size(epoch.members().len(), lowest) },
                    set.clone(),
                    now,
                )?;
            }
        }
        Ok(())
    }

    fn make_keys(
        &mut self,
        epoch: &Epoch,
        me: PartyId,
        keeper: &mut Keeper,
        view: &ChainView,
        now: u64,
    ) -> Result<(), EntropyError> {
        if view.batches != self.batches.0 {
            self.batches = (view.batches, now);
        }
        let underway = |(batches, since): (u64, u64)| {
            batches == view.batches && now < since + PROPOSER_PATIENCE
        };
        let wants_network_key = view.network_key.is_none();
        if (!wants_network_key && view.pool >= self.targets.pool)
            || self.registering.is_some_and(underway)
        {
            return Ok(());
        }
        let members = epoch.ids();
        let passed_over = (now - self.batches.1) / PROPOSER_PATIENCE;
        let turn = (view.batches + passed_over) % members.len() as u64;
        let generating = |kind: &Kind| !matches!(kind, Kind::Presign { .. });
        if members.get(turn as usize) != Some(&me)
            || keeper.is_busy(|proposal| generating(&proposal.kind))
        {
            return Ok(());
        }
        if !members.iter().all(|id| keeper.is_open(*id)) {
            return Ok(());
        }
        let expiry = view.head.number + REGISTRATION_BLOCKS;
        let kind = if wants_network_key {
            Kind::NetworkKey { expiry }
        } else {
            Kind::Wallets { count: key_count(view.pool, self.targets.pool), expiry }
        };
        keeper.propose(kind, members, now).map(drop)
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
