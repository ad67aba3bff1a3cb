//! The assigner's side of one attempt of one call: who announced what, and whether a set can be
//! named.

use super::announce::{SignedAnnounce, Verdict};
use crate::time::{Duration, Instant};
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::online::SignedAssignment;
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, BTreeSet};

/// What the assigner can do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Not enough announces yet, or members of an earlier set still owe their word.
    Wait,
    /// These agree on one digest of one key, and are at least the threshold.
    Group { public_key: [u8; 33], digest: Digest, willing: BTreeSet<PartyId> },
    /// No digest can reach the threshold any more.
    Split,
}

pub(super) struct Desk {
    pub request_key: RequestKey,
    pub name_hash: NameHash,
    /// The only attempt that this node assigns for this call.
    pub attempt: u16,
    pub opened: Instant,
    /// Whose announce opened it.
    pub opened_by: PartyId,
    pub announces: BTreeMap<PartyId, SignedAnnounce>,
    pub assigned: Option<SignedAssignment>,
    /// When a batch was last asked for, because no index fitted.
    pub asked_for_batch: Option<Instant>,
    /// The call has ended, in a split or because others serve it: nothing is left to assign.
    pub closed: bool,
}

/// What the assigner knows of the network at this moment.
pub(super) struct Surroundings<'a> {
    pub now: Instant,
    pub threshold: usize,
    /// Members whose link is open, this node included.
    pub open: &'a BTreeSet<PartyId>,
    /// How long a member of an earlier set may be silent before it is left out.
    pub patience: Duration,
}

impl Desk {
    /// Keeps a node's first word for this attempt.
    pub fn hear(&mut self, announce: SignedAnnounce) {
        self.announces.entry(announce.announce.from).or_insert(announce);
    }

    /// Members of earlier assignments that may still be about to serve them: each owes its promise,
    /// unless its link is closed or it was silent for the mesh's patience.
    fn owed(&self, around: &Surroundings<'_>) -> bool {
        let previous =
            self.announces.values().filter_map(|signed| signed.announce.previous.as_ref());
        let mut members = previous.flat_map(|assignment| assignment.assignment.set.iter());
        let patient = around.now < self.opened + around.patience;
        members.any(|id| !self.announces.contains_key(id) && around.open.contains(id) && patient)
    }

    pub fn decide(&self, around: &Surroundings<'_>) -> Decision {
        if self.owed(around) {
            return Decision::Wait;
        }
        let mut groups: BTreeMap<([u8; 33], Digest), BTreeSet<PartyId>> = BTreeMap::new();
        for (id, signed) in &self.announces {
            if let Verdict::Yes { digest } = &signed.announce.verdict {
                let group = groups.entry((signed.announce.public_key, *digest)).or_default();
                if around.open.contains(id) {
                    group.insert(*id);
                }
            }
        }
        let largest = groups.iter().max_by_key(|(_, group)| group.len());
        let size = largest.map_or(0, |(_, group)| group.len());
        if let Some(((public_key, digest), willing)) = largest.filter(|_| size >= around.threshold)
        {
            return Decision::Group {
                public_key: *public_key,
                digest: *digest,
                willing: willing.clone(),
            };
        }
        let unheard = around.open.iter().filter(|id| !self.announces.contains_key(id)).count();
        if size + unheard < around.threshold { Decision::Split } else { Decision::Wait }
    }
}

/// Whether these announces alone show that no digest can reach the threshold, whatever the silent
/// members would say.
pub(super) fn proves_split(announces: &[SignedAnnounce], members: usize, threshold: usize) -> bool {
    let mut groups: BTreeMap<([u8; 33], Digest), usize> = BTreeMap::new();
    for signed in announces {
        if let Verdict::Yes { digest } = &signed.announce.verdict {
            *groups.entry((signed.announce.public_key, *digest)).or_default() += 1;
        }
    }
    let authors: BTreeSet<PartyId> = announces.iter().map(|signed| signed.announce.from).collect();
    let largest = groups.values().copied().max().unwrap_or(0);
    authors.len() == announces.len() && largest + members.saturating_sub(authors.len()) < threshold
}
