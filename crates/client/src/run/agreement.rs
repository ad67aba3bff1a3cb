//! What the nodes say an action did: who agrees with whom, and which of its signatures are
//! complete.

use super::{MAX_SIGNATURES, NodeFault, Shortfall};
use crate::collector::Collector;
use crate::share::{Share, digits};
use crate::signature::Signature;
use conclave_threshold::ids::{Digest, RequestKey};
use conclave_threshold::online::repeated_name_hash;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_wire::ExecuteResponse;
use conclave_wire::limits::MAX_USES_OF_A_NAME;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The longest piece of a response that an error repeats, in characters.
const MAX_SHOWN: usize = 200;

/// What an action did, as one node says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunOutcome {
    /// What it passed to `setResponse`.
    pub response: String,
    /// What it had signed: digests by name.
    pub digests: BTreeMap<String, Digest>,
}

/// Enough nodes ran an action, and too few of them to the same end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RunSplit {
    /// The different ends, each with its nodes; the most common first.
    pub outcomes: Vec<(RunOutcome, Vec<u16>)>,
    /// The request, and the nodes that did not help at all.
    pub shortfall: Shortfall,
}

impl fmt::Display for RunSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the action ended differently on different nodes")?;
        for (outcome, nodes) in &self.outcomes {
            let shown: String = outcome.response.chars().take(MAX_SHOWN).collect();
            write!(f, "; on {nodes:?} with the response {shown:?}")?;
            for (name, digest) in &outcome.digests {
                write!(f, " and {name:?} for 0x{digest}")?;
            }
        }
        self.shortfall.failures.iter().try_for_each(|failure| write!(f, "; {failure}"))
    }
}

pub(super) struct Agreement<'a> {
    epoch: &'a Epoch,
    request_key: RequestKey,
    /// The nodes of each outcome, and the logs of the first.
    outcomes: BTreeMap<RunOutcome, (BTreeSet<PartyId>, String)>,
    collectors: BTreeMap<String, Collector<'a>>,
    complete: BTreeMap<(String, Digest), Signature>,
}

impl<'a> Agreement<'a> {
    pub fn new(epoch: &'a Epoch, request_key: RequestKey) -> Self {
        Self {
            epoch,
            request_key,
            outcomes: BTreeMap::new(),
            collectors: BTreeMap::new(),
            complete: BTreeMap::new(),
        }
    }

    /// Takes a node's answer; each gives one. An answer that cannot be read counts for nothing.
    pub fn add(&mut self, node: PartyId, mut answer: ExecuteResponse) -> Result<(), NodeFault> {
        if answer.signed_data.len() > MAX_SIGNATURES {
            return Err(NodeFault::Malformed { field: "list of signatures" });
        }
        let (mut digests, mut shares) = (BTreeMap::new(), Vec::new());
        for (name, data) in &answer.signed_data {
            let digest = digits(&data.data_signed).map(Digest::new);
            let digest = digest.ok_or(NodeFault::Malformed { field: "digest" })?;
            let share = Share::of_action(node, data, answer.conclave.remove(name))?;
            shares.extend(share.map(|share| (name.clone(), share)));
            digests.insert(name.clone(), digest);
        }
        for (name, share) in shares {
            let key = (name.clone(), share.of.digest);
            let hashes = || {
                (0..MAX_USES_OF_A_NAME).map(|earlier| repeated_name_hash(&name, earlier)).collect()
            };
            let new = || Collector::new(self.epoch, self.request_key, hashes());
            if let Some(signature) =
                self.collectors.entry(name.clone()).or_insert_with(new).add(share)
            {
                self.complete.insert(key, signature);
            }
        }
        let outcome = RunOutcome { response: answer.response, digests };
        self.outcomes
            .entry(outcome)
            .or_insert_with(|| (BTreeSet::new(), answer.logs))
            .0
            .insert(node);
        Ok(())
    }

    fn threshold(&self) -> usize {
        usize::from(self.epoch.threshold())
    }

    /// The outcome that the threshold's nodes agree on, with logs, once all of its signatures are
    /// there. Of the threshold's nodes one is honest, so it is a true one.
    pub fn complete(&self) -> Option<(RunOutcome, String)> {
        let is_signed =
            |outcome: &RunOutcome| keys(outcome).all(|key| self.complete.contains_key(&key));
        let agreed = self
            .outcomes
            .iter()
            .find(|(outcome, (nodes, _))| nodes.len() >= self.threshold() && is_signed(outcome));
        agreed.map(|(outcome, (_, logs))| (outcome.clone(), logs.clone()))
    }

    /// Whether any outcome can still become complete, when only these nodes have not answered yet.
    pub fn can_complete(&self, pending: &BTreeSet<PartyId>) -> bool {
        let signature_can_come = |(name, digest): (String, Digest)| {
            let collector = self.collectors.get(&name);
            let possible = collector.map_or(pending.len() >= self.threshold(), |shares| {
                shares.can_complete(&digest, pending)
            });
            possible || self.complete.contains_key(&(name, digest))
        };
        let can_win = |(outcome, (nodes, _)): (&RunOutcome, &(BTreeSet<PartyId>, String))| {
            nodes.len() + pending.len() >= self.threshold() && keys(outcome).all(signature_can_come)
        };
        pending.len() >= self.threshold() || self.outcomes.iter().any(can_win)
    }

    pub fn signatures(&self, outcome: &RunOutcome) -> BTreeMap<String, Signature> {
        keys(outcome)
            .filter_map(|key| self.complete.get(&key).map(|signature| (key.0, *signature)))
            .collect()
    }

    pub fn collectors(self) -> impl Iterator<Item = Collector<'a>> {
        self.collectors.into_values()
    }

    /// The different outcomes, if enough nodes answered and too few of them the same.
    pub fn split(&self) -> Option<Vec<(RunOutcome, Vec<u16>)>> {
        let sizes = || self.outcomes.values().map(|(nodes, _)| nodes.len());
        if sizes().sum::<usize>() < self.threshold() || sizes().any(|size| size >= self.threshold())
        {
            return None;
        }
        let numbers = |nodes: &BTreeSet<PartyId>| nodes.iter().map(|id| id.number()).collect();
        let mut outcomes: Vec<(RunOutcome, Vec<u16>)> = self
            .outcomes
            .iter()
            .map(|(outcome, (nodes, _))| (outcome.clone(), numbers(nodes)))
            .collect();
        outcomes.sort_by_key(|(_, nodes)| core::cmp::Reverse(nodes.len()));
        Some(outcomes)
    }
}

/// Name and digest of every signature of an outcome.
fn keys(outcome: &RunOutcome) -> impl Iterator<Item = (String, Digest)> {
    outcome.digests.iter().map(|(name, digest)| (name.clone(), *digest))
}
