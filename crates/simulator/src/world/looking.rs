//! How a node follows the chain: it looks again and again, settles the shares that wait for it, and
//! brings keys there in its turn.

use super::{Happening, World};
use crate::Micros;
use crate::chain::RpcError;
use crate::disk::{Changes, PublicKey, Share, Standing};
use crate::node::Command;
use crate::workshop::lock;
use conclave_agreement::settling::{FinalBlock, Waiting, overdue, settle};

/// Between two looks.
const POLL: Micros = 500_000;

/// Where one look at the chain stands. Each step asks one endpoint one thing, and the world moves
/// on between them.
pub enum Look {
    /// Ask for the head and the counts.
    Head,
    /// Ask which waiting keys are registered.
    Registered,
    /// Ask for the last final block.
    Final(Vec<Waiting<usize>>, Vec<PublicKey>),
    /// Ask about overdue keys at exactly that block.
    FinalWord(Vec<Waiting<usize>>, Vec<PublicKey>, u64),
}

impl World {
    pub(super) fn look(&mut self, place: usize, look: Look) {
        let next = self.look_once(place, look);
        let next = match next {
            Ok(next) => next,
            Err(_) => {
                self.report.events.add("questions to the chain without an answer");
                None
            }
        };
        let after = if next.is_some() { self.chance.between(1_000, 30_000) } else { POLL };
        self.schedule_to(place, after, Happening::Look(next.unwrap_or(Look::Head)));
    }

    fn look_once(&mut self, place: usize, look: Look) -> Result<Option<Look>, RpcError> {
        match look {
            Look::Head => {
                let view = self.chain.view(&mut self.chance)?;
                if let Some(process) = &mut self.nodes[place].process {
                    process.view = view;
                    process.commands.push_back(Command::View(view));
                }
                self.pump(place);
                Ok(Some(Look::Registered))
            }
            Look::Registered => {
                let provisional = self.provisional(place);
                if provisional.is_empty() {
                    return Ok(None);
                }
                let keys: Vec<PublicKey> = provisional.iter().map(|(key, _)| key.clone()).collect();
                let known = self.chain.are_registered(&keys, None, &mut self.chance)?;
                let waiting = provisional.iter().zip(known).enumerate();
                let waiting: Vec<Waiting<usize>> = waiting
                    .map(|(id, ((_, expiry), registered))| Waiting {
                        id,
                        expiry: *expiry,
                        registered,
                    })
                    .collect();
                let settled = settle(&waiting, None);
                let keep: Vec<PublicKey> =
                    settled.keep.iter().map(|id| keys[*id].clone()).collect();
                self.finalize(place, keep);
                Ok(Some(Look::Final(waiting, keys)))
            }
            Look::Final(waiting, keys) => {
                let head = self.chain.ask(&mut self.chance)?;
                let finalized = self.chain.finalized().min(head);
                let asks = !overdue(&waiting, finalized).is_empty();
                Ok(asks.then_some(Look::FinalWord(waiting, keys, finalized)))
            }
            Look::FinalWord(waiting, keys, block) => {
                let asked = overdue(&waiting, block);
                let names: Vec<PublicKey> = asked.iter().map(|id| keys[*id].clone()).collect();
                let known = self.chain.are_registered(&names, Some(block), &mut self.chance)?;
                let registered: Vec<(usize, bool)> = asked.into_iter().zip(known).collect();
                let word = FinalBlock { number: block, registered: &registered };
                let dead = settle(&waiting, Some(word)).erase;
                self.erase(place, dead.iter().map(|id| keys[*id].clone()).collect());
                Ok(None)
            }
        }
    }

    fn provisional(&self, place: usize) -> Vec<(PublicKey, u64)> {
        let disk = lock(&self.nodes[place].disk);
        let waiting = disk.shares().iter().filter_map(|(key, share)| match share.standing {
            Standing::Provisional { expiry } => Some((key.clone(), expiry)),
            Standing::Final => None,
        });
        waiting.collect()
    }

    fn finalize(&mut self, place: usize, keys: Vec<PublicKey>) {
        if keys.is_empty() {
            return;
        }
        let mut disk = lock(&self.nodes[place].disk);
        let known = keys.iter().filter_map(|key| Some((key, disk.shares().get(key)?.clone())));
        let put: Vec<(PublicKey, Share)> = known
            .map(|(key, share)| (key.clone(), Share { standing: Standing::Final, ..share }))
            .collect();
        let count = put.len() as u64;
        if disk.commit(Changes { put, erase: Vec::new() }).is_ok() {
            self.report.events.add_many("shares kept for good", count);
        }
        let torn = disk.is_torn;
        drop(disk);
        self.crash_if_torn(place, torn);
    }

    /// Erases shares, which must be such that no registration can come for them any more.
    fn erase(&mut self, place: usize, keys: Vec<PublicKey>) {
        if keys.is_empty() {
            return;
        }
        let expiries = self.provisional(place);
        for key in &keys {
            let expiry = expiries.iter().find(|(known, _)| known == key).map(|(_, expiry)| *expiry);
            let past = expiry.is_none_or(|expiry| self.chain.finalized() > expiry);
            if self.chain.registered_in(key).is_some() || !past {
                let what = format!("{} erases a share that is needed", self.nodes[place].id);
                self.report.violate(self.now, what);
            }
        }
        let count = keys.len() as u64;
        let mut disk = lock(&self.nodes[place].disk);
        if disk.commit(Changes { put: Vec::new(), erase: keys }).is_ok() {
            self.report.events.add_many("shares erased", count);
        }
        let torn = disk.is_torn;
        drop(disk);
        self.crash_if_torn(place, torn);
    }

    fn crash_if_torn(&mut self, place: usize, torn: bool) {
        if torn {
            self.report.events.add("torn writes");
            self.crash(place);
            self.schedule(crate::SECOND / 5, super::Event::Start { node: place });
        }
    }

    /// Brings attested keys to the chain, unless another has.
    pub(super) fn register(&mut self, place: usize, number: u64) {
        let process = self.nodes[place].process.as_mut();
        let Some(keys) = process.and_then(|process| process.registering.remove(&number)) else {
            return;
        };
        let batch = keys.batch;
        let known = self.chain.are_registered(&batch.public_keys, None, &mut self.chance);
        if known.is_ok_and(|known| known.iter().all(|known| *known)) {
            return;
        }
        match self.chain.ask(&mut self.chance) {
            Ok(_) => self.chain.submit(batch, &mut self.chance),
            Err(_) => self.report.events.add("registrations that were not sent"),
        }
    }
}
