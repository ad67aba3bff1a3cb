//! What a node does wrong.

use std::str::FromStr;

/// Names the fault to a `faulty-node`. Without it the program is a node like any other.
pub const FAULT_VARIABLE: &str = "CONCLAVE_FAULT";
/// Names the file that arms the fault. The node removes it in the moment in which the fault
/// happens.
pub const ARM_VARIABLE: &str = "CONCLAVE_FAULT_ARM";

/// A word of an exchange that the others wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The node is about to say that it runs what one node runs for all.
    Claim,
    /// It is about to say whose values count.
    Settled,
    /// It is about to give its share of a signature to the other nodes.
    Share,
}

/// One thing that a node does wrong. All but the last happen once for each time that they are
/// armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its process is killed when it has taken the presignature and is about to send its first bind
    /// message.
    DieBeforeBind,
    /// Its process is stopped there, with its links open. When it goes on it sends the bind
    /// message, late.
    StallBeforeBind,
    /// Its process is stopped once its bind messages are out, before it gives its share.
    StallAfterBind,
    /// Its process is killed there.
    DieAt(Moment),
    /// Its process is stopped there, with its links open.
    StallAt(Moment),
    /// It keeps [`planted_scalar`](crate::saboteur::planted_scalar) in memory, always.
    Plant,
}

const ALL: [Fault; 10] = [
    Fault::DieBeforeBind,
    Fault::StallBeforeBind,
    Fault::StallAfterBind,
    Fault::DieAt(Moment::Claim),
    Fault::DieAt(Moment::Settled),
    Fault::DieAt(Moment::Share),
    Fault::StallAt(Moment::Claim),
    Fault::StallAt(Moment::Settled),
    Fault::StallAt(Moment::Share),
    Fault::Plant,
];

impl Fault {
    /// The value of [`FAULT_VARIABLE`].
    pub fn name(self) -> &'static str {
        match self {
            Fault::DieBeforeBind => "die-before-bind",
            Fault::StallBeforeBind => "stall-before-bind",
            Fault::StallAfterBind => "stall-after-bind",
            Fault::DieAt(Moment::Claim) => "die-at-claim",
            Fault::DieAt(Moment::Settled) => "die-at-settled",
            Fault::DieAt(Moment::Share) => "die-at-share",
            Fault::StallAt(Moment::Claim) => "stall-at-claim",
            Fault::StallAt(Moment::Settled) => "stall-at-settled",
            Fault::StallAt(Moment::Share) => "stall-at-share",
            Fault::Plant => "plant",
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        ALL.into_iter()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| format!("there is no fault {name:?}"))
    }
}
