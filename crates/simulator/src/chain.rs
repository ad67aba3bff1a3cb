//! The chain: one truth, and endpoints that show it late, another branch of it, or nothing.

use crate::chance::Chance;
use crate::disk::PublicKey;
use conclave_agreement::ChainView;
use conclave_agreement::ceremony::{KEY_TYPE_BLS, KeyBatch};
use conclave_agreement::stocking::REGISTRATION_BLOCKS;
use std::collections::BTreeMap;

/// Why an endpoint does not answer a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RpcError {
    /// Nothing listens.
    Gone,
    /// Too many questions.
    RateLimited,
    /// It does not have that block yet.
    UnknownBlock,
}

/// The weather of the endpoints.
#[derive(Clone, Copy, Default)]
pub struct ChainWeather {
    /// Blocks that endpoints are behind, at most.
    pub lag: u64,
    /// Questions of a hundred that are refused.
    pub limited: u64,
    /// Whether nothing answers.
    pub gone: bool,
}

/// The blocks in which a batch may still come, and some more.
const LONG: u64 = REGISTRATION_BLOCKS + 100;

/// The chain.
pub struct Chain {
    head: u64,
    /// A block this deep stays.
    finality: u64,
    mempool: Vec<KeyBatch>,
    /// Batches of a hundred that never come into a block, and which do, by transcript.
    unlucky: u64,
    lucky: BTreeMap<[u8; 32], bool>,
    /// The block that each key came in, and its type.
    registered: BTreeMap<PublicKey, (u64, u8)>,
    /// Blocks that batches came in.
    batches: Vec<(u64, KeyBatch)>,
    minted: u64,
    has_network_key: bool,
    /// What endpoints do.
    pub weather: ChainWeather,
}

impl Chain {
    /// A chain that knows no batch. Of a hundred batches, `unlucky` never come into a block,
    /// whoever sends them.
    pub fn new(finality: u64, has_network_key: bool, unlucky: u64) -> Self {
        Chain {
            head: 1,
            finality,
            mempool: Vec::new(),
            unlucky,
            lucky: BTreeMap::new(),
            registered: BTreeMap::new(),
            batches: Vec::new(),
            minted: 0,
            has_network_key,
            weather: ChainWeather::default(),
        }
    }

    /// The block by which every batch of today is registered for good or never will be.
    pub fn settles_by(&self) -> u64 {
        self.head + self.finality + LONG
    }

    /// The last block that stays.
    pub fn finalized(&self) -> u64 {
        self.head.saturating_sub(self.finality)
    }

    /// The latest block.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Whether a key is on chain at this moment, and in which block.
    pub fn registered_in(&self, key: &PublicKey) -> Option<u64> {
        self.registered.get(key).map(|(block, _)| *block)
    }

    /// Keys in blocks that stay.
    pub fn settled(&self) -> impl Iterator<Item = &PublicKey> {
        let last = self.finalized();
        self.registered.iter().filter(move |(_, (block, _))| *block <= last).map(|(key, _)| key)
    }

    /// A transaction with everybody's attestations, which the sender has checked.
    pub fn submit(&mut self, batch: KeyBatch, chance: &mut Chance) {
        let decided = self.lucky.entry(batch.transcript);
        let lucky = *decided.or_insert_with(|| !chance.percent(self.unlucky));
        if lucky && !self.mempool.contains(&batch) {
            self.mempool.push(batch);
        }
    }

    /// One more block; the contract takes a batch until its expiry, and each key once.
    pub fn next_block(&mut self, chance: &mut Chance) {
        self.head += 1;
        let (now, waiting): (Vec<_>, Vec<_>) =
            core::mem::take(&mut self.mempool).into_iter().partition(|_| !chance.one_in(4));
        self.mempool = waiting;
        for batch in now {
            let known = batch.public_keys.iter().any(|key| self.registered.contains_key(key));
            if batch.expiry >= self.head && !known {
                let place = (self.head, batch.key_type);
                self.registered.extend(batch.public_keys.iter().map(|key| (key.clone(), place)));
                self.batches.push((self.head, batch));
            }
        }
        self.mempool.retain(|batch| batch.expiry > self.head);
    }

    /// The last blocks give way to others. Some of their transactions come again, some never.
    pub fn reorganise(&mut self, depth: u64, chance: &mut Chance) {
        let keep = self.head.saturating_sub(depth.min(self.finality.saturating_sub(1)));
        let (kept, gone): (Vec<_>, Vec<_>) =
            core::mem::take(&mut self.batches).into_iter().partition(|(block, _)| *block <= keep);
        self.batches = kept;
        for (_, batch) in gone {
            self.registered.retain(|key, _| !batch.public_keys.contains(key));
            if !chance.one_in(3) {
                self.mempool.push(batch);
            }
        }
    }

    /// Somebody takes a key of the pool.
    pub fn mint(&mut self) {
        if self.pool_at(self.head) > 0 {
            self.minted += 1;
        }
    }

    fn pool_at(&self, block: u64) -> u64 {
        let wallets = |(at, kind): &&(u64, u8)| *at <= block && *kind != KEY_TYPE_BLS;
        (self.registered.values().filter(wallets).count() as u64).saturating_sub(self.minted)
    }

    /// One question to some endpoint: the latest block that it knows.
    ///
    /// # Errors
    /// As the weather has it.
    pub fn ask(&self, chance: &mut Chance) -> Result<u64, RpcError> {
        if self.weather.gone {
            return Err(RpcError::Gone);
        }
        if chance.percent(self.weather.limited) {
            return Err(RpcError::RateLimited);
        }
        Ok(self.head.saturating_sub(chance.between(0, self.weather.lag)).max(1))
    }

    /// The chain as an endpoint shows it.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn view(&self, chance: &mut Chance) -> Result<ChainView, RpcError> {
        let head = self.ask(chance)?;
        let network = |(_, batch): &&(u64, KeyBatch)| batch.key_type == KEY_TYPE_BLS;
        let batches = self.batches.iter().filter(|(block, _)| *block <= head);
        Ok(ChainView {
            head,
            pool: self.pool_at(head),
            batches: batches.clone().count() as u64,
            has_network_key: self.has_network_key || batches.clone().any(|batch| network(&batch)),
        })
    }

    /// Whether keys are registered, at an endpoint's head or at a named block.
    ///
    /// # Errors
    /// As [`ask`](Self::ask), and when the endpoint does not know the block.
    pub fn are_registered(
        &self,
        keys: &[PublicKey],
        at: Option<u64>,
        chance: &mut Chance,
    ) -> Result<Vec<bool>, RpcError> {
        let head = self.ask(chance)?;
        let block = at.unwrap_or(head);
        if block > head {
            return Err(RpcError::UnknownBlock);
        }
        let known = |key: &PublicKey| self.registered_in(key).is_some_and(|at| at <= block);
        Ok(keys.iter().map(known).collect())
    }
}
