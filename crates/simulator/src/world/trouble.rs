//! What spells of weather do to the world when they begin, and when they are over.

use super::{Event, World};
use crate::SECOND;
use crate::disk::DiskFault;
use crate::network::LinkWeather;
use crate::weather::{Fault, Spell};
use crate::workshop::lock;

impl World {
    pub(super) fn begin(&mut self, spell: Spell) {
        self.report.faults.add(spell.fault.name());
        self.report.trace.note(self.now, spell.fault.name(), &[]);
        match spell.fault {
            Fault::Loss(loss) => self.network.weather.loss = loss,
            Fault::Doubling(doubling) => self.network.weather.doubling = doubling,
            Fault::Reordering => self.network.weather.reordering = true,
            Fault::Delay(delay) => self.network.weather.delay = delay,
            Fault::Cut(from, to) => self.network.way((from, to)).cuts += 1,
            Fault::Isolation(node) => {
                for way in self.ways_of(node) {
                    self.network.way(way).cuts += 1;
                }
            }
            Fault::Pause(node) | Fault::Suspension(node) => {
                let now = self.now;
                self.nodes[node].paused.get_or_insert(now);
            }
            // At its next step; a process that is idle takes none until something comes.
            Fault::Crash(node) => self.nodes[node].dies_at_next_step = true,
            Fault::Leap(node, by) => {
                if let Some(process) = &mut self.nodes[node].process {
                    process.ahead += by as i64;
                }
            }
            Fault::DiskFull(node) => lock(&self.nodes[node].disk).fault = DiskFault::Full,
            Fault::DiskFailing(node) => lock(&self.nodes[node].disk).fault = DiskFault::Failing,
            Fault::DiskTearing(node) => lock(&self.nodes[node].disk).fault = DiskFault::Tearing,
            Fault::ChainLag(blocks) => self.chain.weather.lag = blocks,
            Fault::Reorganisation(depth) => self.chain.reorganise(depth, &mut self.chance),
            Fault::RateLimit(percent) => self.chain.weather.limited = percent,
            Fault::ChainGone => self.chain.weather.gone = true,
            Fault::Death(node) => {
                self.nodes[node].is_gone = true;
                self.crash(node);
            }
        }
    }

    pub(super) fn end(&mut self, spell: Spell) {
        match spell.fault {
            Fault::Loss(_) => self.network.weather.loss = 0,
            Fault::Doubling(_) => self.network.weather.doubling = 0,
            Fault::Reordering => self.network.weather.reordering = false,
            Fault::Delay(_) => self.network.weather.delay = LinkWeather::default().delay,
            Fault::Cut(from, to) => self.heal((from, to)),
            Fault::Isolation(node) => {
                self.ways_of(node).into_iter().for_each(|way| self.heal(way));
            }
            Fault::Pause(node) => self.resume(node, false),
            Fault::Suspension(node) => self.resume(node, true),
            Fault::Crash(node) => {
                // One that found no step to die in dies now.
                if core::mem::take(&mut self.nodes[node].dies_at_next_step) {
                    self.crash(node);
                }
                self.schedule(SECOND / 10, Event::Start { node });
            }
            Fault::DiskFull(node) | Fault::DiskFailing(node) | Fault::DiskTearing(node) => {
                let mut disk = lock(&self.nodes[node].disk);
                disk.fault = DiskFault::Sound;
                let restarts = disk.is_latched() && self.setup.mends_disks;
                drop(disk);
                if restarts {
                    self.crash(node);
                    self.schedule(SECOND / 10, Event::Start { node });
                }
            }
            Fault::ChainLag(_) => self.chain.weather.lag = 0,
            Fault::RateLimit(_) => self.chain.weather.limited = 0,
            Fault::ChainGone => self.chain.weather.gone = false,
            Fault::Leap(..) | Fault::Reorganisation(_) | Fault::Death(_) => (),
        }
    }

    fn ways_of(&self, node: usize) -> Vec<(usize, usize)> {
        let ways = self.network.ways().into_iter();
        ways.filter(|(from, to)| *from == node || *to == node).collect()
    }

    /// A way is open again; the sender's kernel finds out a moment later.
    fn heal(&mut self, way: (usize, usize)) {
        let cuts = &mut self.network.way(way).cuts;
        *cuts = cuts.saturating_sub(1);
        let after = self.chance.between(1_000, 200_000);
        self.schedule(after, Event::Drain(way));
    }

    fn resume(&mut self, node: usize, clock_stood: bool) {
        let Some(since) = self.nodes[node].paused.take() else { return };
        let now = self.now;
        if let Some(process) = self.nodes[node].process.as_mut().filter(|_| clock_stood) {
            process.ahead -= (now - since.max(process.begun)) as i64;
        }
        for (boot, what) in core::mem::take(&mut self.deferred[node]) {
            self.schedule(1, Event::Process { node, boot, what });
        }
        for way in self.ways_of(node) {
            self.schedule(2, Event::Drain(way));
        }
        self.pump(node);
    }

    /// A process ends. Its disk keeps what was synced, and of the rest whatever the chance has.
    pub(super) fn crash(&mut self, node: usize) {
        if self.nodes[node].process.take().is_none() {
            return;
        }
        self.report.events.add("processes that ended");
        self.nodes[node].paused = None;
        self.deferred[node].clear();
        let chance = &mut self.chance;
        lock(&self.nodes[node].disk).crash(|loose| chance.below(loose as u64 + 1) as usize);
        for peer in (0..self.nodes.len()).filter(|peer| *peer != node) {
            self.close((node, peer));
        }
        // What a dead node is asked is answered by nobody.
        let open: Vec<usize> = self.open_at(node);
        open.into_iter().for_each(|request| self.lost(request, node));
    }
}
