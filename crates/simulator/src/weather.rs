//! What goes wrong, when, and for how long.

use crate::Micros;
use crate::chance::Chance;

/// One thing that goes wrong. Nodes are places of the roster.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Frames of a thousand are lost.
    Loss(u64),
    /// Frames of a hundred come twice.
    Doubling(u64),
    /// Frames overtake one another.
    Reordering,
    /// Frames are late, at most by this.
    Delay(Micros),
    /// Nothing comes through this way.
    Cut(usize, usize),
    /// Nothing comes through to a node or from it.
    Isolation(usize),
    /// A process is stopped and goes on; its clock goes on meanwhile.
    Pause(usize),
    /// A machine is stopped and goes on; its clock stood still.
    Suspension(usize),
    /// A process ends in the midst of a step, and starts anew at the end of the spell.
    Crash(usize),
    /// A clock leaps forward by this.
    Leap(usize, Micros),
    /// A disk has no space.
    DiskFull(usize),
    /// A disk fails.
    DiskFailing(usize),
    /// The power goes in the midst of the next write.
    DiskTearing(usize),
    /// Endpoints are behind by so many blocks, at most.
    ChainLag(u64),
    /// So many blocks give way to others.
    Reorganisation(u64),
    /// Questions of a hundred are refused.
    RateLimit(u64),
    /// No endpoint answers.
    ChainGone,
    /// A node is gone for good.
    Death(usize),
}

impl Fault {
    /// For counts.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Loss(_) => "spells of loss",
            Fault::Doubling(_) => "spells of doubling",
            Fault::Reordering => "spells of reordering",
            Fault::Delay(_) => "spells of delay",
            Fault::Cut(..) => "one-way cuts",
            Fault::Isolation(_) => "isolated nodes",
            Fault::Pause(_) => "stopped processes",
            Fault::Suspension(_) => "suspended machines",
            Fault::Crash(_) => "crashes",
            Fault::Leap(..) => "leaps of a clock",
            Fault::DiskFull(_) => "full disks",
            Fault::DiskFailing(_) => "failing disks",
            Fault::DiskTearing(_) => "power cuts armed for a write",
            Fault::ChainLag(_) => "lagging chains",
            Fault::Reorganisation(_) => "reorganisations",
            Fault::RateLimit(_) => "rate limits",
            Fault::ChainGone => "chains that are gone",
            Fault::Death(_) => "nodes gone for good",
        }
    }
}

/// A fault from one moment to another.
#[derive(Clone, Copy, Debug)]
pub struct Spell {
    /// What.
    pub fault: Fault,
    /// When it begins.
    pub from: Micros,
    /// When it is over, where that means something.
    pub to: Micros,
}

/// Kinds of faults that a storm is chosen from.
const KINDS: u64 = 17;

/// A storm between two moments. The seed chooses which kinds it is made of, so that some storms are
/// all of one kind; `hit` are the nodes that suffer, of so many.
pub fn storm(
    chance: &mut Chance,
    size: usize,
    hit: &[usize],
    from: Micros,
    to: Micros,
) -> Vec<Spell> {
    let mut spells = Vec::new();
    let density = chance.between(2, 6);
    for kind in 0..KINDS {
        if !chance.one_in(density) {
            continue;
        }
        for _ in 0..chance.between(1, 3) {
            let begin = chance.between(from, to);
            let end = chance.between(begin, to);
            let fault = fault(kind, chance, size, hit);
            spells.push(Spell { fault, from: begin, to: end });
        }
    }
    spells
}

fn fault(kind: u64, chance: &mut Chance, size: usize, hit: &[usize]) -> Fault {
    let node = chance.pick(hit);
    match kind {
        0 => Fault::Loss(chance.between(5, 150)),
        1 => Fault::Doubling(chance.between(1, 40)),
        2 => Fault::Reordering,
        3 => Fault::Delay(chance.between(5_000, 300_000)),
        4 => {
            let peer = (node + 1 + chance.below(size as u64 - 1) as usize) % size;
            if chance.one_in(2) { Fault::Cut(node, peer) } else { Fault::Cut(peer, node) }
        }
        5 => Fault::Isolation(node),
        6 => Fault::Pause(node),
        7 => Fault::Suspension(node),
        8 => Fault::Crash(node),
        9 => Fault::Leap(node, chance.between(10_000, 20_000_000)),
        10 => Fault::DiskFull(node),
        11 => Fault::DiskFailing(node),
        12 => Fault::DiskTearing(node),
        13 => Fault::ChainLag(chance.between(1, 40)),
        14 => Fault::Reorganisation(chance.between(1, 8)),
        15 => Fault::RateLimit(chance.between(10, 100)),
        _ => Fault::ChainGone,
    }
}
