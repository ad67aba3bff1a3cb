//! What an operator should read in the log. A member writes no log itself.

use conclave_threshold::fault::Fault;
use conclave_threshold::party::PartyId;
use core::fmt;

/// How urgent a note is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// For those who look closely.
    Debug,
    /// Ordinary events.
    Info,
    /// Something failed that should not, and the network copes.
    Warning,
    /// A member is proven to cheat, or an operator must act.
    Error,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A member assigned one presignature twice; `proof` is an encoded
    /// [`Equivocation`](conclave_threshold::online::Equivocation).
    AssignedTwice {
        /// The author of both assignments.
        culprit: PartyId,
        /// Holds both, with their signatures.
        proof: Vec<u8>,
    },
    /// Bind messages failed their checks, and the presignature is burnt.
    BindFailed {
        /// What did not hold.
        fault: Fault,
    },
    /// A share that a member gave to the others does not fit its certificate.
    WrongShare {
        /// Gave it.
        author: PartyId,
    },
    /// A check failed that either end of the pair can have caused.
    PairFailed {
        /// The other end.
        peer: PartyId,
        /// Which check.
        check: String,
        /// Whether it happened so often that the pair is left alone until the next epoch.
        suspended: bool,
    },
    /// A peer's process is another one than before.
    PeerRestarted {
        /// That peer.
        peer: PartyId,
    },
    /// A ceremony came to nothing.
    CeremonyFailed {
        /// What it was to make.
        kind: &'static str,
        /// Why, for people.
        reason: String,
        /// The check that failed, if one did.
        fault: Option<Fault>,
    },
    /// A message of a ceremony was dropped.
    CeremonyMessageDropped {
        /// Why.
        fault: Fault,
    },
}

impl Note {
    /// How urgent it is.
    pub fn level(&self) -> Level {
        match self {
            Note::AssignedTwice { .. } | Note::PairFailed { suspended: true, .. } => Level::Error,
            Note::BindFailed { .. }
            | Note::WrongShare { .. }
            | Note::PairFailed { suspended: false, .. }
            | Note::CeremonyFailed { fault: Some(_), .. } => Level::Warning,
            Note::PeerRestarted { .. } => Level::Info,
            Note::CeremonyFailed { fault: None, .. } | Note::CeremonyMessageDropped { .. } => {
                Level::Debug
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::AssignedTwice { culprit, proof } => {
                write!(f, "party {culprit} assigned one presignature twice; proof: ")?;
                proof.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Note::BindFailed { fault } => {
                write!(f, "bind messages failed their checks, the presignature is burnt: {fault}")
            }
            Note::WrongShare { author } => {
                write!(
                    f,
                    "party {author} gave the others a share that does not fit its certificate"
                )
            }
            Note::PairFailed { peer, check, suspended: false } => write!(
                f,
                "a check with party {peer} failed that either end can have caused ({check}): the \
                 pair is left alone for a while"
            ),
            Note::PairFailed { peer, check, suspended: true } => write!(
                f,
                "checks with party {peer} fail again and again ({check}): the pair is suspended \
                 until the next epoch; look at both nodes"
            ),
            Note::PeerRestarted { peer } => write!(
                f,
                "party {peer} has restarted; what was shared with it in memory is dropped"
            ),
            Note::CeremonyFailed { kind, reason, fault } => {
                write!(f, "a ceremony for {kind} came to nothing: {reason}")?;
                let culprit = fault.as_ref().and_then(Fault::culprit);
                culprit.map_or(Ok(()), |culprit| write!(f, " (culprit: party {culprit})"))
            }
            Note::CeremonyMessageDropped { fault } => {
                write!(f, "a ceremony's message was dropped: {fault}")
            }
        }
    }
}
