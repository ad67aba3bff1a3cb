//! The simulation itself: everything there is, and what happens next.

mod handling;
mod links;
mod looking;
mod requests;
mod trouble;

use crate::chain::Chain;
use crate::chance::Chance;
use crate::checks::Told;
use crate::client::Request;
use crate::corruption::{Conduct, Corrupt};
use crate::costs::Costs;
use crate::disk::{Changes, Disk, Share, Standing};
use crate::network::{Flying, Network};
use crate::node::{Jobs, Node, Process, drawn};
use crate::report::Report;
use crate::weather::Spell;
use crate::workshop::{Dealer, SimulatedWorkshop, lock};
use crate::{Micros, SECOND};
use conclave_agreement::signing::{Outcome, Timing};
use conclave_agreement::stocking::StockTargets;
use conclave_agreement::time::Instant;
use conclave_agreement::{ChainView, Member, MemberConfig, Router, exchange};
use conclave_mesh::{Discipline, Limits};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::{Epoch, PartyId, two_thirds};
use conclave_threshold::testing::{deal_epoch, deal_key};
use k256::AffinePoint;
use looking::Look;
pub use requests::Goodput;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

/// How many requests clients make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Load {
    /// None.
    Nothing,
    /// One in so long, whatever comes of them.
    Every(Micros),
    /// So many clients, each with one request at a time.
    Clients(usize),
}

/// What a run is made of.
#[derive(Clone)]
pub struct Setup {
    /// Decides everything that is left open here.
    pub seed: u64,
    /// Members.
    pub size: usize,
    /// Whether presigning and base transfers are dealt, or run as they are.
    pub is_dealt: bool,
    /// Cores of each machine.
    pub cores: usize,
    /// How many times slower than the machine that was measured.
    pub slowness: u64,
    /// From one node to another, at least and at most.
    pub latency: (Micros, Micros),
    /// How long binding may take.
    pub bind: Micros,
    /// What is kept ready.
    pub targets: StockTargets,
    /// Between two blocks.
    pub block_time: Micros,
    /// Blocks until one stays.
    pub finality: u64,
    /// Whether the network's own key is there from the beginning.
    pub has_network_key: bool,
    /// Members that deviate, as places of the roster.
    pub corrupt: Vec<(usize, Conduct)>,
    /// What goes wrong.
    pub spells: Vec<Spell>,
    /// Whether somebody restarts a node whose disk has failed, once the disk is well again.
    pub mends_disks: bool,
    /// What clients do at first.
    pub load: Load,
    /// Requests of a hundred that ask only as many nodes as it takes.
    pub few: u64,
    /// Batches of keys of a hundred that never reach the chain.
    pub unlucky: u64,
}

impl Setup {
    /// A sound network of so many.
    pub fn sound(seed: u64, size: usize) -> Self {
        Setup {
            seed,
            size,
            is_dealt: true,
            cores: 2,
            slowness: 1,
            latency: (500, 2_000),
            bind: 150_000,
            targets: StockTargets { pool: 0, presignatures: 4 },
            block_time: 50_000,
            finality: 16,
            has_network_key: true,
            corrupt: Vec::new(),
            spells: Vec::new(),
            mends_disks: true,
            load: Load::Nothing,
            few: 0,
            unlucky: 0,
        }
    }
}

/// What happens at a moment.
enum Event {
    /// A frame reaches its receiver's mesh.
    Arrival(Flying),
    /// What is held on a way may go on.
    Drain((usize, usize)),
    /// A link comes to stand.
    LinkUp((usize, usize)),
    /// Links are looked at.
    Watch,
    /// To a process, unless it has ended; it waits while the process is stopped.
    Process { node: usize, boot: u64, what: Happening },
    /// A request begins.
    Request,
    /// A client's question reaches a node.
    Ask { request: usize, node: usize },
    /// A client stops waiting.
    GiveUp { request: usize },
    /// The chain grows.
    Block,
    /// A spell begins.
    Begin(Spell),
    /// A spell is over.
    End(Spell),
    /// A node starts.
    Start { node: usize },
    /// A member that deviates has its turn.
    Turn { node: usize },
}

/// What happens to a process.
enum Happening {
    /// A tick is due.
    Tick,
    /// The member is done with what it was doing.
    Done,
    /// A job may be done.
    JobDone(u64),
    /// A request was judged, and may be signed or not.
    Judged { request: usize, permitted: bool },
    /// A client is to be told.
    Tell { requests: Vec<usize>, outcome: Box<Outcome>, say_before: Instant },
    /// The chain is to be looked at.
    Look(Look),
    /// It is this node's turn to bring keys to the chain.
    Register(u64),
}

/// A simulation.
pub struct World {
    /// The simulation's clock.
    pub now: Micros,
    setup: Setup,
    agenda: BTreeMap<(Micros, u64), Event>,
    scheduled: u64,
    chance: Chance,
    costs: Costs,
    epoch: Arc<Epoch>,
    dealer: Option<Arc<Dealer>>,
    nodes: Vec<Node>,
    network: Network,
    dialling: BTreeSet<(usize, usize)>,
    chain: Chain,
    /// What clients may sign with from the beginning.
    dealt_keys: Vec<BTreeMap<PartyId, Arc<KeyShare<Secp256k1>>>>,
    requests: Vec<Request>,
    load: Load,
    told: Told,
    /// What happened to stopped processes meanwhile.
    deferred: Vec<VecDeque<(u64, Happening)>>,
    /// Counts, and the first invariant that did not hold.
    pub report: Report,
}

/// Keys that are there from the beginning.
const DEALT_KEYS: usize = 2;

impl World {
    /// A network whose processes all start now.
    pub fn new(setup: Setup) -> Self {
        let mut chance = Chance::of_seed(setup.seed);
        let ids: Vec<u16> = (1..=setup.size as u16).collect();
        let threshold = two_thirds(setup.size);
        let (epoch, keys) = deal_epoch(&ids, threshold, chance.randomness());
        let dealt_keys: Vec<BTreeMap<PartyId, Arc<KeyShare<Secp256k1>>>> = (0..DEALT_KEYS)
            .map(|_| deal_key::<Secp256k1>(threshold, &epoch.ids(), chance.randomness()))
            .map(|shares| shares.into_iter().map(|(id, share)| (id, Arc::new(share))).collect())
            .collect();
        let node = |(place, id): (usize, &PartyId)| {
            let key = keys[id].clone();
            let mut disk = Disk::default();
            let share = |dealt: &BTreeMap<PartyId, Arc<KeyShare<Secp256k1>>>| {
                let wallet = Some(dealt[id].clone());
                let public_key = AffinePoint::from(dealt[id].public_key()).encoded();
                (public_key, Share { wallet, standing: Standing::Final })
            };
            let put = dealt_keys.iter().map(share).collect();
            disk.commit(Changes { put, erase: Vec::new() }).expect("a sound disk");
            let conduct = setup.corrupt.iter().find(|(at, _)| *at == place);
            let corrupt =
                conduct.map(|(_, conduct)| Corrupt::new(*conduct, *id, key.clone(), epoch.clone()));
            Node {
                id: *id,
                identity: key.verifying_key().to_bytes(),
                signing_key: key,
                disk: Arc::new(Mutex::new(disk)),
                process: None,
                boots: 0,
                cores: setup.cores,
                paused: None,
                is_gone: false,
                dies_at_next_step: false,
                corrupt,
            }
        };
        let nodes: Vec<Node> = epoch.ids().iter().enumerate().map(node).collect();
        let network = Network::new(setup.size, setup.latency, &mut chance);
        let dealer = setup.is_dealt.then(|| Arc::new(Dealer::new(epoch.clone(), keys.clone())));
        let mut world = World {
            now: 0,
            agenda: BTreeMap::new(),
            scheduled: 0,
            costs: Costs::measured(setup.slowness),
            epoch,
            dealer,
            network,
            dialling: BTreeSet::new(),
            chain: Chain::new(setup.finality, setup.has_network_key, setup.unlucky),
            dealt_keys,
            requests: Vec::new(),
            load: Load::Nothing,
            told: Told::default(),
            deferred: nodes.iter().map(|_| VecDeque::new()).collect(),
            nodes,
            report: Report::default(),
            chance,
            setup,
        };
        for node in 0..world.nodes.len() {
            world.schedule(0, Event::Start { node });
            if let Some(corrupt) = &world.nodes[node].corrupt {
                world.report.faults.add(corrupt.conduct.name());
                world.schedule(0, Event::Turn { node });
            }
        }
        world.schedule(1, Event::Watch);
        world.schedule(world.setup.block_time, Event::Block);
        for spell in world.setup.spells.clone() {
            world.schedule(spell.from, Event::Begin(spell));
            world.schedule(spell.to, Event::End(spell));
        }
        let load = world.setup.load;
        world.set_load(load);
        world
    }

    fn schedule(&mut self, after: Micros, event: Event) {
        self.scheduled += 1;
        self.agenda.insert((self.now + after, self.scheduled), event);
    }

    fn schedule_to(&mut self, node: usize, after: Micros, what: Happening) {
        let Some(process) = &self.nodes[node].process else { return };
        let boot = process.boot;
        self.schedule(after, Event::Process { node, boot, what });
    }

    /// Lets time pass until `end`, or until an invariant is broken.
    pub fn run_until(&mut self, end: Micros) {
        while self.report.violation.is_none() {
            let Some(next) = self.agenda.first_entry() else { break };
            if next.key().0 > end {
                break;
            }
            let ((at, _), event) = next.remove_entry();
            self.now = at;
            self.happen(event);
        }
        self.now = self.now.max(end);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrival(flying) => self.arrive(flying),
            Event::Drain(way) => self.drain(way),
            Event::LinkUp(way) => self.link_up(way),
            Event::Watch => self.watch(),
            Event::Process { node, boot, what } => {
                let (now, id) = (self.now, self.nodes[node].id);
                let alive = self.nodes[node].process.as_ref().is_some_and(|own| own.boot == boot);
                if !alive {
                    return;
                }
                if self.nodes[node].paused.is_some() {
                    return self.deferred[node].push_back((boot, what));
                }
                self.report.trace.note(now, "process", &id.number().to_be_bytes());
                self.happen_to(node, what);
            }
            Event::Request => self.request(),
            Event::Ask { request, node } => self.ask(request, node),
            Event::GiveUp { request } => self.end_request(request, false),
            Event::Block => {
                self.chain.next_block(&mut self.chance);
                self.check_shares();
                self.schedule(self.setup.block_time, Event::Block);
            }
            Event::Begin(spell) => self.begin(spell),
            Event::End(spell) => self.end(spell),
            Event::Start { node } => self.start(node),
            Event::Turn { node } => {
                let words = self.nodes[node].corrupt.as_mut().map(Corrupt::turn);
                self.schedule(SECOND / 50, Event::Turn { node });
                if self.nodes[node].process.is_some() && self.nodes[node].paused.is_none() {
                    words.into_iter().flatten().for_each(|(to, word)| self.say(node, to, word));
                }
            }
        }
    }

    fn start(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        if node.process.is_some() || node.is_gone {
            return;
        }
        node.boots += 1;
        node.paused = None;
        let (boot, now) = (node.boots, self.now);
        let mut entropy = drawn(&self.chance, node.id, boot);
        let timing = Timing {
            bind: core::time::Duration::from_micros(self.setup.bind),
            ..Timing::default()
        };
        let config = MemberConfig {
            epoch: self.epoch.clone(),
            me: node.id,
            signing_key: node.signing_key.clone(),
            timing,
            exchange_timing: exchange::Timing::default(),
            targets: self.setup.targets,
        };
        let member = Member::new(config, &mut entropy);
        let mut router = Router::default();
        router.insert(member, Instant::START, &mut entropy);
        let workshop = SimulatedWorkshop {
            epoch: self.epoch.clone(),
            signing_key: node.signing_key.clone(),
            disk: node.disk.clone(),
            dealer: self.dealer.clone(),
        };
        let mut boot_nonce = [0; 16];
        boot_nonce[..8].copy_from_slice(&boot.to_be_bytes());
        boot_nonce[8..10].copy_from_slice(&node.id.number().to_be_bytes());
        node.process = Some(Process {
            boot,
            boot_nonce,
            router,
            entropy,
            inbound: Discipline::new(&Limits::default()),
            commands: VecDeque::new(),
            finished: VecDeque::new(),
            jobs: Jobs::default(),
            workshop: Arc::new(workshop),
            is_tick_due: false,
            doing: None,
            waiters: BTreeMap::new(),
            view: ChainView::default(),
            begun: now,
            ahead: 0,
            ticks: 0,
            registering: BTreeMap::new(),
        });
        self.deferred[place].clear();
        self.schedule_to(place, 0, Happening::Tick);
        self.schedule_to(place, 0, Happening::Look(Look::Head));
    }

    /// Without load, blocks come one after another until the fate of every share that waits for the
    /// chain is decided. Looks at the chain are few blocks apart.
    pub fn settle_shares(&mut self) {
        self.set_load(Load::Nothing);
        self.setup.block_time = SECOND / 50;
        let last = self.chain.settles_by();
        while self.chain.head() < last && self.report.violation.is_none() {
            let now = self.now;
            self.run_until(now + SECOND);
        }
    }

    /// Whether a node deviates.
    fn is_corrupt(&self, node: usize) -> bool {
        self.nodes[node].corrupt.is_some()
    }

    /// Every key that is on chain for good has its share on every honest node's disk.
    fn check_shares(&mut self) {
        for key in self.chain.settled() {
            for (place, node) in self.nodes.iter().enumerate() {
                if !self.is_corrupt(place) && !lock(&node.disk).shares().contains_key(key) {
                    let what = format!("{} has no share of a key on chain", node.id);
                    return self.report.violate(self.now, what);
                }
            }
        }
    }

    /// The epoch of all members.
    pub fn epoch(&self) -> &Arc<Epoch> {
        &self.epoch
    }

    /// Counts the writes that failed.
    pub fn count_disk_failures(&mut self) {
        let failures = self.nodes.iter().map(|node| lock(&node.disk).failures).sum();
        self.report.events.add_many("writes that failed", failures);
    }

    /// How long one queue of each member is.
    pub fn backlogs(&self, name: &str) -> Vec<usize> {
        let epoch = self.epoch.digest();
        let length = |node: &Node| {
            let backlogs = node.process.as_ref()?.router.member(&epoch)?.backlogs();
            backlogs.iter().find(|backlog| backlog.name == name).map(|backlog| backlog.length)
        };
        self.nodes.iter().map(|node| length(node).unwrap_or(0)).collect()
    }

    /// What the members hold and have in hand.
    pub fn held(&self) -> Vec<usize> {
        let epoch = self.epoch.digest();
        let member = |node: &Node| node.process.as_ref()?.router.member(&epoch).map(Member::status);
        let held = |node: &Node| member(node).map_or(0, |status| status.presignatures);
        self.nodes.iter().map(held).collect()
    }
}
