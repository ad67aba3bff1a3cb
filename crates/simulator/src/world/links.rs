//! Links between the nodes' meshes, and what passes over them.

use super::{Event, World};
use crate::network::{DEAD_LINK, Flying, PATIENCE, Sent};
use crate::node::Inward;
use crate::{Micros, SECOND};
use conclave_mesh::{Lane, MESSAGE_OVERHEAD, Waiting};

/// Between two looks at the links.
const WATCH: Micros = SECOND / 5;

impl World {
    /// Whether nothing comes through this way at the moment.
    fn is_quiet(&mut self, way: (usize, usize)) -> bool {
        self.network.way(way).cuts > 0 || self.nodes[way.0].paused.is_some()
    }

    /// Whether the receiver's mesh does not read.
    fn is_deaf(&mut self, way: (usize, usize)) -> bool {
        self.network.way(way).cuts > 0 || self.nodes[way.1].paused.is_some()
    }

    pub(super) fn launch(&mut self, way: (usize, usize), lane: Lane, bytes: Vec<u8>) {
        let length = bytes.len();
        match self.network.send(way, lane, length, self.now, &mut self.chance) {
            Sent::Arrives(arrivals) => {
                let Some(incarnation) = self.network.link(way) else { return };
                if arrivals.len() > 1 {
                    self.report.faults.add("frames doubled");
                }
                for at in arrivals {
                    let flying = Flying { way, incarnation, lane, bytes: bytes.clone() };
                    self.schedule(at - self.now, Event::Arrival(flying));
                }
            }
            Sent::Unlinked => (),
            Sent::Lost => self.report.faults.add("frames lost"),
            Sent::LinkLost => {
                self.report.faults.add("links lost with a frame");
                self.close(way);
            }
            Sent::QueueFull => self.report.events.add("frames that a full queue dropped"),
        }
    }

    pub(super) fn arrive(&mut self, flying: Flying) {
        let way = flying.way;
        if self.network.link(way) != Some(flying.incarnation) {
            return self.report.events.add("frames that came after their link");
        }
        self.network.way(way).held.push_back(flying);
        self.drain(way);
    }

    /// Lets frames of a way enter the receiver's queue, as long as there is room.
    pub(super) fn drain(&mut self, way: (usize, usize)) {
        if self.is_deaf(way) {
            return;
        }
        let from = self.nodes[way.0].identity;
        let mut entered = false;
        while let Some(flying) = self.network.way(way).held.front().cloned() {
            let Some(process) = &mut self.nodes[way.1].process else { return };
            let amount = flying.bytes.len() + MESSAGE_OVERHEAD;
            let waiting = Waiting::Message(flying.lane);
            if !process.inbound.reserve(&from, waiting, amount) {
                let now = self.now;
                let way_now = self.network.way(way);
                let since = *way_now.full_since.get_or_insert(now);
                if now - since >= PATIENCE {
                    self.report.events.add("links closed for a full queue");
                    self.close(way);
                }
                break;
            }
            self.network.received(&flying);
            let way_now = self.network.way(way);
            way_now.full_since = None;
            way_now.held.pop_front();
            process.inbound.push(&from, waiting, amount, Inward::Frame(from, flying.bytes));
            entered = true;
        }
        if entered {
            self.pump(way.1);
        }
    }

    /// A process has taken something from its queue.
    pub(super) fn room_was_made(&mut self, place: usize) {
        for peer in (0..self.nodes.len()).filter(|peer| *peer != place) {
            if self.network.way((peer, place)).full_since.is_some() {
                self.schedule(0, Event::Drain((peer, place)));
            }
        }
    }

    /// Ends links that are dead or full, and has missing ones dialled.
    pub(super) fn watch(&mut self) {
        self.schedule(WATCH, Event::Watch);
        for way in self.network.ways() {
            let (now, quiet) = (self.now, self.is_quiet(way));
            let since = &mut self.network.way(way).quiet_since;
            if quiet {
                let since = *since.get_or_insert(now);
                if now - since >= DEAD_LINK && self.network.link(way).is_some() {
                    self.report.events.add("links found dead");
                    self.close(way);
                }
            } else {
                *since = None;
            }
            if self.network.way(way).full_since.is_some() {
                self.drain(way);
            }
            if way.0 < way.1 && self.network.link(way).is_none() && self.can_dial(way) {
                self.dialling.insert(way);
                let after = self.chance.between(20_000, 800_000).min(self.now.max(20_000));
                self.schedule(after, Event::LinkUp(way));
            }
        }
        if let Some((from, to)) = self.network.overfull() {
            self.report.violate(self.now, format!("the queue from {from} to {to} is too long"));
        }
    }

    fn can_dial(&mut self, way: (usize, usize)) -> bool {
        !self.dialling.contains(&way) && self.can_link(way)
    }

    fn can_link(&mut self, way: (usize, usize)) -> bool {
        let alive = [way.0, way.1].iter().all(|place| {
            let node = &self.nodes[*place];
            node.process.is_some() && node.paused.is_none()
        });
        alive && !self.is_quiet(way) && !self.is_quiet((way.1, way.0))
    }

    pub(super) fn link_up(&mut self, way: (usize, usize)) {
        self.dialling.remove(&way);
        if self.network.link(way).is_some() || !self.can_link(way) {
            return;
        }
        let ends = [(way.0, way.1), (way.1, way.0)];
        for (place, peer) in ends {
            let identity = self.nodes[peer].identity;
            let Some(process) = &mut self.nodes[place].process else { return };
            // For the beginning and the end.
            if !process.inbound.reserve(&identity, Waiting::LinkEvent, 2) {
                return;
            }
        }
        self.network.open(way);
        for (place, peer) in ends {
            let boot = self.nodes[peer].process.as_ref().map(|process| process.boot_nonce);
            let identity = self.nodes[peer].identity;
            let process = self.nodes[place].process.as_mut();
            if let Some((process, boot)) = process.zip(boot) {
                let opened = Inward::Opened(identity, boot);
                process.inbound.push(&identity, Waiting::LinkEvent, 1, opened);
            }
            self.pump(place);
        }
    }

    /// Ends a link at both ends.
    pub(super) fn close(&mut self, way: (usize, usize)) {
        if !self.network.close(way) {
            return;
        }
        for (place, peer) in [(way.0, way.1), (way.1, way.0)] {
            let identity = self.nodes[peer].identity;
            if let Some(process) = &mut self.nodes[place].process {
                let closed = Inward::Closed(identity);
                process.inbound.push(&identity, Waiting::LinkEvent, 1, closed);
            }
            self.pump(place);
        }
    }
}
