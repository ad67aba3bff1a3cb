//! Named scenarios: what networks do not bear yet, each beside the same network without it.

use crate::corruption::Conduct;
use crate::world::{Goodput, Load, Setup, World};
use crate::{Micros, SECOND};

/// What came of a scenario.
pub struct Measured {
    /// What happens.
    pub what: &'static str,
    /// With it.
    pub with: Goodput,
    /// Without it.
    pub without: Goodput,
    /// An invariant that was broken, in either.
    pub violation: Option<String>,
}

impl Measured {
    /// Whether the network bears it: nine tenths are signed.
    pub fn is_borne(&self) -> bool {
        self.with.is_back()
    }
}

fn run(setup: Setup, from: Micros, to: Micros) -> (Goodput, Option<String>) {
    let mut world = World::new(setup);
    world.run_until(to + crate::client::PATIENCE);
    (world.goodput(from, to), world.report.violation)
}

fn beside(what: &'static str, setup: Setup, from: Micros, to: Micros) -> Measured {
    let (without, calm) = run(Setup { corrupt: Vec::new(), ..setup.clone() }, from, to);
    let (with, broken) = run(setup, from, to);
    Measured { what, with, without, violation: broken.or(calm) }
}

/// N1: a member leaves every attempt once it has the others' bind messages, and shows them all.
pub fn a_member_leaves_early() -> Measured {
    let corrupt = vec![(1, Conduct::LeavesEarly)];
    let setup = Setup { corrupt, load: Load::Every(250_000), ..Setup::sound(1, 4) };
    let what = "N1: a member that leaves every attempt early, of 4";
    beside(what, setup, 3 * SECOND, 13 * SECOND)
}

/// N2: a member joins presigning, says nothing, and asks everybody for runs with itself.
pub fn a_member_joins_and_falls_silent() -> Measured {
    let corrupt = vec![(2, Conduct::HoldsPlaces)];
    let setup = Setup { corrupt, load: Load::Every(100_000), ..Setup::sound(7, 4) };
    let what = "N2: a member that joins presigning and falls silent, of 4, at 10 requests a second";
    beside(what, setup, 12 * SECOND, 20 * SECOND)
}

/// N3: a member sends badly signed announces to everybody, faster than they are judged.
pub fn a_member_floods() -> Measured {
    let corrupt = vec![(2, Conduct::Floods(45))];
    let setup = Setup {
        corrupt,
        load: Load::Every(250_000),
        slowness: 20,
        bind: 600_000,
        ..Setup::sound(3, 3)
    };
    let what = "N3: a member that floods the others with 2250 badly signed announces a second, of 3, \
                on machines twenty times slower than that of the costs";
    beside(what, setup, 4 * SECOND, 10 * SECOND)
}

/// P-A1: two members decline every presigning run.
pub fn two_members_decline() -> Measured {
    let corrupt = vec![(0, Conduct::Declines), (3, Conduct::Declines)];
    let setup = Setup { corrupt, load: Load::Every(500_000), ..Setup::sound(5, 6) };
    let what = "P-A1: two members that decline every presigning run, of 6";
    beside(what, setup, 8 * SECOND, 18 * SECOND)
}

/// Clients at once in the overload.
pub const CROWD: usize = 80;

/// N4: many clients at once, and then few: what of theirs is signed around ten seconds later.
pub fn clients_overload_and_leave() -> Measured {
    let setup = Setup { slowness: 20, cores: 1, ..Setup::sound(4, 3) };
    let measure = |crowd: usize| {
        let mut world = World::new(setup.clone());
        world.run_until(4 * SECOND);
        world.set_load(Load::Clients(crowd));
        world.run_until(19 * SECOND);
        world.set_load(Load::Every(500_000));
        let (from, to) = (28 * SECOND, 34 * SECOND);
        world.run_until(to + crate::client::PATIENCE);
        (world.goodput(from, to), world.report.violation)
    };
    let (without, calm) = measure(1);
    let (with, broken) = measure(CROWD);
    let what = "N4: 9 to 15 seconds after 80 clients at once for 15 seconds, of 3, on machines twenty \
                times slower than that of the costs";
    Measured { what, with, without, violation: broken.or(calm) }
}
