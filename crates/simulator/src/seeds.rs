//! What one seed decides: a network, its load, its weather, its corrupt members; and what the run
//! is held to.

use crate::chance::Chance;
use crate::corruption::Conduct;
use crate::report::{Counts, Report};
use crate::weather::{Fault, Spell, storm};
use crate::world::{Goodput, Load, Setup, World};
use crate::{Micros, SECOND};
use conclave_agreement::stocking::StockTargets;
use conclave_threshold::party::two_thirds;
use std::fmt;

/// One seed of so many runs the protocols themselves.
pub const REAL: u64 = 20;
/// One seed of so many goes on until every share that waits for the chain is settled.
pub const SETTLED: u64 = 4;
/// Until a network that starts is in stock.
const QUIET: Micros = 3 * SECOND;
/// Goodput is back within this.
pub const RECOVERY: Micros = 10 * SECOND;
/// What is looked at to tell.
const WINDOW: Micros = 3 * SECOND;
const STEP: Micros = SECOND / 4;

/// What a run's goodput came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bar {
    /// Nine tenths again, so long after the weather.
    Back(Micros),
    /// Not within the time; the last window.
    NotBack(Goodput),
    /// A member does what the network does not bear yet: only safety is asked.
    NotAsked,
}

/// One run.
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// Its network and weather.
    pub setup: Setup,
    /// What happened.
    pub report: Report,
    /// What its goodput came to.
    pub bar: Bar,
}

impl Run {
    /// What is wrong with it, and how to see it again.
    pub fn failure(&self) -> Option<String> {
        let broken = self.report.violation.clone();
        let slow = match self.bar {
            Bar::NotBack(last) => Some(format!(
                "goodput is not back {} s after the weather: {} of {} signed in the last window",
                RECOVERY / SECOND,
                last.signed,
                last.begun
            )),
            _ => None,
        };
        let what = broken.or(slow)?;
        let Setup { size, corrupt, spells, .. } = &self.setup;
        let replay = format!(
            "SIMULATOR_SEED={} cargo test -p conclave-simulator replays_a_seed -- --nocapture",
            self.seed
        );
        Some(format!("{what}\n  {size} nodes, {corrupt:?}, {spells:?}\n  replay: {replay}"))
    }
}

/// What a seed decides.
pub fn setup(seed: u64) -> Setup {
    let mut chance = Chance::of_seed(seed).fork("setup", 0);
    let is_dealt = !seed.is_multiple_of(REAL);
    let size = if is_dealt { chance.pick(&[3, 3, 3, 3, 4, 4, 4, 5, 6]) } else { 3 };
    let spare = size - usize::from(two_thirds(size));
    let places: Vec<usize> = (0..size).collect();
    let conducts = [
        Conduct::LeavesEarly,
        Conduct::FallsSilent,
        Conduct::HoldsPlaces,
        Conduct::Declines,
        Conduct::Floods(chance.between(1, 40)),
        Conduct::Forges,
        Conduct::Forges,
        Conduct::Equivocates,
        Conduct::Equivocates,
        Conduct::NeverBinds,
    ];
    let count = if chance.one_in(3) { chance.between(1, spare as u64) as usize } else { 0 };
    let corrupt: Vec<(usize, Conduct)> =
        chance.some(&places, count).into_iter().map(|at| (at, chance.pick(&conducts))).collect();
    let honest: Vec<usize> =
        places.into_iter().filter(|at| !corrupt.iter().any(|(other, _)| other == at)).collect();
    let end = QUIET + chance.between(SECOND, 5 * SECOND);
    let hit = if chance.one_in(3) { honest.clone() } else { chance.some(&honest, spare) };
    let mut spells = storm(&mut chance, size, &hit, QUIET, end);
    // Nodes whose disk has failed stay as they are only while they are few enough.
    let mends_disks = hit.len() + corrupt.len() > spare;
    if spare > corrupt.len() && chance.one_in(8) {
        let (fault, from) = (Fault::Death(chance.pick(&hit)), chance.between(QUIET, end));
        spells.push(Spell { fault, from, to: from });
    }
    // The weather is over at its end, whatever was chosen.
    spells.push(Spell { fault: Fault::Delay(0), from: end, to: end });
    let pool = if is_dealt { chance.pick(&[0, 2, 4]) } else { 1 };
    Setup {
        is_dealt,
        cores: chance.between(1, 2) as usize,
        slowness: chance.pick(&[1, 1, 1, 2, 4]),
        latency: (chance.between(100, 3_000), chance.between(3_000, 15_000)),
        targets: StockTargets { pool, presignatures: chance.between(2, 4) as usize },
        block_time: chance.pick(&[12_000, 25_000, 50_000, 250_000]),
        finality: chance.between(2, 32),
        has_network_key: !chance.one_in(6),
        corrupt,
        spells,
        mends_disks,
        load: Load::Every(chance.between(220_000, 330_000)),
        few: chance.pick(&[0, 0, 30]),
        unlucky: chance.pick(&[0, 50]),
        ..Setup::sound(seed, size)
    }
}

fn end_of_weather(setup: &Setup) -> Micros {
    setup.spells.iter().map(|spell| spell.to.max(spell.from)).max().unwrap_or(QUIET)
}

/// Runs one seed.
pub fn run(seed: u64) -> Run {
    let setup = setup(seed);
    let mut world = World::new(setup.clone());
    let end = end_of_weather(&setup);
    world.run_until(end);
    world.ask_all();
    let bar = recover(&mut world, end, &setup);
    if seed.is_multiple_of(SETTLED) {
        world.settle_shares();
    }
    world.count_disk_failures();
    Run { seed, setup, report: world.report, bar }
}

fn recover(world: &mut World, end: Micros, setup: &Setup) -> Bar {
    let asked = !setup.corrupt.iter().any(|(_, conduct)| conduct.is_unmended());
    if !asked {
        world.run_until(end + WINDOW);
        return Bar::NotAsked;
    }
    let last = end + RECOVERY;
    while world.now < last + WINDOW + crate::client::PATIENCE && world.report.violation.is_none() {
        let now = world.now;
        world.run_until(now + STEP);
        let mut from = end;
        while from + WINDOW <= world.now && from <= last {
            if world.goodput(from, from + WINDOW).is_back() {
                return Bar::Back(from - end);
            }
            from += STEP;
        }
    }
    Bar::NotBack(world.goodput(last, last + WINDOW))
}

/// Many runs.
#[derive(Default)]
pub struct Sum {
    /// How many.
    pub runs: u64,
    /// Of these, held to safety only.
    pub not_asked: u64,
    /// Of these, with the protocols themselves.
    pub real: u64,
    /// Faults injected, by kind.
    pub faults: Counts,
    /// What came of it all.
    pub events: Counts,
    /// The longest that goodput took to be back.
    pub slowest: Micros,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl Sum {
    /// One more.
    pub fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.not_asked += u64::from(run.bar == Bar::NotAsked);
        self.real += u64::from(!run.setup.is_dealt);
        self.faults.merge(&run.report.faults);
        self.events.merge(&run.report.events);
        if let Bar::Back(after) = run.bar {
            self.slowest = self.slowest.max(after);
        }
        let failure = run.failure().map(|failure| format!("seed {}: {failure}", run.seed));
        self.failures.extend(failure);
    }
}

impl Sum {
    /// For a campaign's record.
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "runs": self.runs,
            "real": self.real,
            "safetyOnly": self.not_asked,
            "slowest": self.slowest / 1_000,
            "faults": self.faults.0,
            "failures": self.failures,
        })
        .to_string()
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} seeds, {} of them with real presigning, {} held to safety only; goodput was back \
             after {} ms at the latest; faults: {}",
            self.runs,
            self.real,
            self.not_asked,
            self.slowest / 1_000,
            self.faults
        )
    }
}
