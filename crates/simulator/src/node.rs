//! One node: a process that may die, and what outlives it.

use crate::Micros;
use crate::chance::Chance;
use crate::corruption::Corrupt;
use crate::disk::Disk;
use conclave_agreement::ceremony::GeneratedKeys;
use conclave_agreement::signing::Wish;
use conclave_agreement::time::Instant;
use conclave_agreement::{Addressed, ChainView, Entropy, Finished, Job, Router, Workshop};
use conclave_mesh::{Discipline, Identity};
use conclave_threshold::party::PartyId;
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What the mesh hands to the process.
pub enum Inward {
    /// A link stands.
    Opened(Identity, [u8; 16]),
    /// A link has ended.
    Closed(Identity),
    /// A frame.
    Frame(Identity, Vec<u8>),
}

/// What the rest of the process asks of the member.
pub enum Command {
    /// A client's request was judged.
    Sign(Box<Wish>),
    /// The chain was looked at.
    View(ChainView),
}

/// The operating system's randomness, of one process.
pub struct Drawn {
    source: Randomness,
    drawn: u64,
}

impl Entropy for Drawn {
    fn randomness(&mut self, session: &[u8]) -> Randomness {
        self.drawn += 1;
        self.source.fork(session, self.drawn)
    }
}

/// Jobs beside the member.
#[derive(Default)]
pub struct Jobs {
    /// In order.
    pub waiting: VecDeque<Job>,
    /// By number; what the member took of the core meanwhile comes on top of each.
    pub running: BTreeMap<u64, (Job, Micros)>,
    /// Numbers given so far.
    pub begun: u64,
}

/// A running process. Its end is the end of all of this.
pub struct Process {
    /// Which start of the node this is.
    pub boot: u64,
    /// As peers see it.
    pub boot_nonce: [u8; 16],
    /// Its members.
    pub router: Router,
    /// Its randomness.
    pub entropy: Drawn,
    /// What the mesh has for it.
    pub inbound: Discipline<Inward>,
    /// What the API and the view of the chain have for it.
    pub commands: VecDeque<Command>,
    /// Jobs that are done.
    pub finished: VecDeque<Finished>,
    /// Jobs that are not.
    pub jobs: Jobs,
    /// For them.
    pub workshop: Arc<dyn Workshop>,
    /// Whether a tick is due.
    pub is_tick_due: bool,
    /// What the member is doing: outputs that leave when it is done.
    pub doing: Option<Vec<Addressed>>,
    /// Calls whose client waits here, with the client's number of each.
    pub waiters: BTreeMap<[u8; 32], Vec<usize>>,
    /// The chain as last seen.
    pub view: ChainView,
    /// When the process began, on the simulation's clock.
    pub begun: Micros,
    /// What the process's clock is ahead of the simulation's.
    pub ahead: i64,
    /// Ticks so far.
    pub ticks: u64,
    /// Keys that were attested and wait for their turn to be sent.
    pub registering: BTreeMap<u64, GeneratedKeys>,
}

impl Process {
    /// The process's own clock, which never goes back.
    pub fn clock(&self, now: Micros) -> Instant {
        let own = (now - self.begun) as i64 + self.ahead;
        Instant::from_millis(own.max(0) as u64 / 1_000)
    }
}

/// A node.
pub struct Node {
    /// Its number in the epoch.
    pub id: PartyId,
    /// On the links.
    pub identity: Identity,
    /// Behind the identity.
    pub signing_key: SigningKey,
    /// Outlives the process.
    pub disk: Arc<Mutex<Disk>>,
    /// The process, if one runs.
    pub process: Option<Process>,
    /// Starts so far.
    pub boots: u64,
    /// Of the machine.
    pub cores: usize,
    /// Whether the process is stopped; its machine's clock may stand still meanwhile.
    pub paused: Option<Micros>,
    /// Whether it never comes back.
    pub is_gone: bool,
    /// The next item that the member handles is its last: a part of its outputs leaves.
    pub dies_at_next_step: bool,
    /// How it deviates, if it does.
    pub corrupt: Option<Corrupt>,
}

/// The randomness of one start of a node.
pub fn drawn(chance: &Chance, id: PartyId, boot: u64) -> Drawn {
    let mut chance = chance.fork("entropy", u64::from(id.number()) << 32 | boot);
    Drawn { source: chance.randomness().fork(b"process", boot), drawn: 0 }
}
