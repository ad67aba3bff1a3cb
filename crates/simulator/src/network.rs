//! Links as the mesh makes them: frames of one lane in order, or the link ends. Weather delays,
//! cuts one way, and on the urgent lane also loses, doubles and reorders, which is more than TCP
//! does. On the bulk lane a loss ends the link.

use crate::Micros;
use crate::chance::Chance;
use conclave_mesh::{Lane, Limits};
use std::collections::{BTreeMap, VecDeque};

/// A link is dead when nothing came for this long.
pub const DEAD_LINK: Micros = conclave_mesh::DEAD_LINK_TIMEOUT.as_micros() as Micros;
/// The longest wait for room at the receiver.
pub const PATIENCE: Micros = conclave_mesh::INBOUND_TIMEOUT.as_micros() as Micros;
/// Bytes per microsecond: a gigabit a second.
const BANDWIDTH: u64 = 125;

/// One frame under way.
#[derive(Clone)]
pub struct Flying {
    /// From and to, as places of the roster.
    pub way: (usize, usize),
    /// Of the link that it was sent on.
    pub incarnation: u64,
    /// Of the mesh.
    pub lane: Lane,
    /// The frame.
    pub bytes: Vec<u8>,
}

/// One direction between two nodes.
#[derive(Default)]
pub struct Way {
    latency: Micros,
    /// Cuts that hold at this moment.
    pub cuts: usize,
    /// Frames that cannot go on, in order.
    pub held: VecDeque<Flying>,
    /// Since when the first of these waits for room.
    pub full_since: Option<Micros>,
    /// Since when nothing can come through.
    pub quiet_since: Option<Micros>,
    /// When the latest frame of each lane arrives.
    last: BTreeMap<Lane, Micros>,
    /// Messages and bytes that are sent and not yet received, by lane.
    unsent: BTreeMap<Lane, (usize, usize)>,
}

/// What the weather does to all links.
#[derive(Clone, Copy, Default)]
pub struct LinkWeather {
    /// Frames of a thousand that are lost.
    pub loss: u64,
    /// Frames of a hundred that come twice.
    pub doubling: u64,
    /// Whether urgent frames may overtake one another.
    pub reordering: bool,
    /// Added to the latency, at most.
    pub delay: Micros,
}

/// What became of a frame at its sender.
pub enum Sent {
    /// It arrives so often, each time at one of these.
    Arrives(Vec<Micros>),
    /// There is no link.
    Unlinked,
    /// It was lost on the way, and the link goes on.
    Lost,
    /// It was lost, and with it the link.
    LinkLost,
    /// The queue to the peer is full.
    QueueFull,
}

/// All links of a network.
pub struct Network {
    ways: BTreeMap<(usize, usize), Way>,
    /// The links that stand, each with its number.
    up: BTreeMap<(usize, usize), u64>,
    incarnations: u64,
    limits: Limits,
    /// At this moment.
    pub weather: LinkWeather,
}

fn pair((one, other): (usize, usize)) -> (usize, usize) {
    (one.min(other), one.max(other))
}

impl Network {
    /// No link stands yet.
    pub fn new(size: usize, latency: (Micros, Micros), chance: &mut Chance) -> Self {
        let mut ways = BTreeMap::new();
        for from in 0..size {
            for to in (0..size).filter(|to| *to != from) {
                let latency = chance.between(latency.0, latency.1);
                ways.insert((from, to), Way { latency, ..Way::default() });
            }
        }
        let (limits, weather) = (Limits::default(), LinkWeather::default());
        Network { ways, up: BTreeMap::new(), incarnations: 0, limits, weather }
    }

    /// One direction.
    pub fn way(&mut self, way: (usize, usize)) -> &mut Way {
        self.ways.get_mut(&way).expect("a way between two nodes")
    }

    /// All directions.
    pub fn ways(&self) -> Vec<(usize, usize)> {
        self.ways.keys().copied().collect()
    }

    /// The number of the link between two nodes, if it stands.
    pub fn link(&self, way: (usize, usize)) -> Option<u64> {
        self.up.get(&pair(way)).copied()
    }

    /// A link stands from now on.
    pub fn open(&mut self, way: (usize, usize)) {
        self.incarnations += 1;
        self.up.insert(pair(way), self.incarnations);
        for way in [way, (way.1, way.0)] {
            let way = self.way(way);
            (way.full_since, way.quiet_since) = (None, None);
        }
    }

    /// A link ends with all that is under way. Whether it stood.
    pub fn close(&mut self, way: (usize, usize)) -> bool {
        for way in [way, (way.1, way.0)] {
            let way = self.way(way);
            way.held.clear();
            way.last.clear();
            way.unsent.clear();
            way.full_since = None;
        }
        self.up.remove(&pair(way)).is_some()
    }

    /// The round trip between two nodes, as pings find it.
    pub fn round_trip(&mut self, way: (usize, usize)) -> Micros {
        let delay = self.weather.delay;
        self.way(way).latency + self.way((way.1, way.0)).latency + delay
    }

    /// Sends a frame.
    pub fn send(
        &mut self,
        way: (usize, usize),
        lane: Lane,
        length: usize,
        now: Micros,
        chance: &mut Chance,
    ) -> Sent {
        if self.link(way).is_none() {
            return Sent::Unlinked;
        }
        let limit = match lane {
            Lane::Urgent => self.limits.urgent_queue,
            Lane::Bulk => self.limits.bulk_queue,
        };
        let weather = self.weather;
        let way = self.way(way);
        let (messages, bytes) = way.unsent.get(&lane).copied().unwrap_or_default();
        if messages >= limit.messages || bytes + length > limit.bytes {
            return Sent::QueueFull;
        }
        if chance.below(1000) < weather.loss {
            return if lane == Lane::Urgent { Sent::Lost } else { Sent::LinkLost };
        }
        let urgent = lane == Lane::Urgent;
        let copies = 1 + usize::from(urgent && chance.percent(weather.doubling));
        let arrivals = (0..copies).map(|_| {
            let extra = chance.between(0, weather.delay) + chance.below(way.latency / 4 + 1);
            let mut at = now + way.latency + extra + length as u64 / BANDWIDTH;
            if !(urgent && weather.reordering) {
                at = at.max(way.last.get(&lane).copied().unwrap_or(0));
                way.last.insert(lane, at);
            }
            at
        });
        let arrivals: Vec<Micros> = arrivals.collect();
        way.unsent.insert(lane, (messages + copies, bytes + copies * length));
        Sent::Arrives(arrivals)
    }

    /// A frame is with its receiver.
    pub fn received(&mut self, flying: &Flying) {
        let unsent = self.way(flying.way).unsent.entry(flying.lane).or_default();
        unsent.0 = unsent.0.saturating_sub(1);
        unsent.1 = unsent.1.saturating_sub(flying.bytes.len());
    }

    /// Messages that are sent and not yet received, over the limit.
    pub fn overfull(&self) -> Option<(usize, usize)> {
        let over = |way: &&(usize, usize)| {
            self.ways[*way].unsent.iter().any(|(lane, (messages, _))| {
                let limit = match lane {
                    Lane::Urgent => self.limits.urgent_queue,
                    Lane::Bulk => self.limits.bulk_queue,
                };
                // A doubled frame is one message of the sender.
                *messages > 2 * limit.messages
            })
        };
        self.ways.keys().find(over).copied()
    }
}
