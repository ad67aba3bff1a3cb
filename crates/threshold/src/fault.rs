//! What went wrong in a protocol, whose doing it was, and whether that can be shown to others.

use crate::party::PartyId;
use thiserror::Error;

/// An abort. [`Fault::Rejected`] and [`Fault::Mismatch`] concern one message and leave the protocol
/// running; the others end it.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// The party's own signed messages prove the cheat to anybody.
    #[error("party {party} failed the check \"{check}\", and its signed messages prove it")]
    Proven {
        /// The cheat.
        party: PartyId,
        /// What does not hold.
        check: &'static str,
    },
    /// Either end of the pair may have lied and nobody else can tell which: the pair is
    /// quarantined, nobody is blamed.
    #[error("the check \"{check}\" failed between this node and party {peer}")]
    Pairwise {
        /// The other end.
        peer: PartyId,
        /// What does not hold.
        check: &'static str,
    },
    /// Checks over everybody's values together: somebody lied, the messages at hand do not say who.
    #[error("the check \"{check}\" failed over the whole set")]
    Joint {
        /// What does not hold.
        check: &'static str,
    },
    /// The other side runs with another session, epoch or parameter. Never blame.
    #[error("party {party} runs with another {field}")]
    Mismatch {
        /// The other side.
        party: PartyId,
        /// What differs.
        field: &'static str,
    },
    /// Not a message of this protocol: dropped.
    #[error("a message from party {link} was dropped: {reason}")]
    Rejected {
        /// Where it came from.
        link: PartyId,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The caller asked for something that the machine's state does not allow.
    #[error("{0}")]
    Misuse(&'static str),
}

impl Fault {
    /// Whether the protocol run is over. The caller then erases it; a later retry is a new run with
    /// new randomness.
    pub fn is_fatal(&self) -> bool {
        !matches!(self, Fault::Rejected { .. } | Fault::Mismatch { .. })
    }

    /// Who can be named in public.
    pub fn culprit(&self) -> Option<PartyId> {
        match self {
            Fault::Proven { party, .. } => Some(*party),
            Fault::Pairwise { .. }
            | Fault::Joint { .. }
            | Fault::Mismatch { .. }
            | Fault::Rejected { .. }
            | Fault::Misuse(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dropped_message_leaves_the_run_alive_and_only_proof_names_anybody() {
        let party = PartyId::new(3).unwrap();
        let check = "a check";
        let cases = [
            (Fault::Proven { party, check }, true, Some(party)),
            (Fault::Pairwise { peer: party, check }, true, None),
            (Fault::Joint { check }, true, None),
            (Fault::Mismatch { party, field: "field" }, false, None),
            (Fault::Rejected { link: party, reason: "a reason" }, false, None),
            (Fault::Misuse("a misuse"), true, None),
        ];
        for (fault, fatal, culprit) in cases {
            assert_eq!((fault.is_fatal(), fault.culprit()), (fatal, culprit), "{fault}");
        }
    }
}
