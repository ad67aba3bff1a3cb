//! The shares of one signature, as they come in: added up as soon as there are enough, checked one
//! by one when the sum is no signature.

use crate::failure::NodeFault;
use crate::share::{Share, Use, Wanted};
use crate::signature::Signature;
use conclave_chain::WalletKey;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::online::assemble;
use conclave_threshold::party::{Epoch, PartyId};
use k256::ecdsa::VerifyingKey;
use std::collections::{BTreeMap, BTreeSet};

/// The most signatures that one answer of an action may have.
pub const MAX_SIGNATURES: usize = 256;

/// All shares of one name in one request.
pub(crate) struct Collector<'a> {
    epoch: &'a Epoch,
    request_key: RequestKey,
    name_hashes: Vec<NameHash>,
    uses: BTreeMap<Use, Shares>,
    faults: Vec<(PartyId, NodeFault)>,
    /// Right shares were there and their sum was no signature.
    hopeless: bool,
}

#[derive(Default)]
struct Shares {
    shares: Vec<Share>,
    /// The signing set, once the shares that are here were found to be right.
    checked: Option<Vec<PartyId>>,
}

impl<'a> Collector<'a> {
    /// `name_hashes` has one entry for each use that the request may make of the name.
    pub fn new(epoch: &'a Epoch, request_key: RequestKey, name_hashes: Vec<NameHash>) -> Self {
        Self {
            epoch,
            request_key,
            name_hashes,
            uses: BTreeMap::new(),
            faults: Vec::new(),
            hopeless: false,
        }
    }

    /// Takes a share, of which each node gives one. Returns the signature when this share completes
    /// it.
    pub fn add(&mut self, share: Share) -> Option<Signature> {
        let wanted = Wanted {
            epoch: self.epoch,
            request_key: &self.request_key,
            name_hashes: &self.name_hashes,
        };
        let (node, of) = (share.node, share.of);
        let shares = self.uses.entry(of).or_default();
        if shares.checked.is_some()
            && let Err(fault) = share.check(&wanted)
        {
            self.faults.push((node, fault));
            return None;
        }
        shares.shares.push(share);
        let threshold = usize::from(self.epoch.threshold());
        if shares.shares.len() < threshold {
            return None;
        }
        let signature = shares.sum(&of);
        if signature.is_none() {
            self.faults.extend(shares.check(&wanted));
            if shares.shares.len() >= threshold {
                self.hopeless = true;
                self.faults.extend(
                    shares.shares.iter().map(|share| (share.node, NodeFault::FalseCertificate)),
                );
            }
        }
        signature
    }

    /// Whether the signature on `digest` can still come, when only these nodes have not answered
    /// yet.
    pub fn can_complete(&self, digest: &Digest, pending: &BTreeSet<PartyId>) -> bool {
        let threshold = usize::from(self.epoch.threshold());
        let begun = self
            .uses
            .iter()
            .filter(|(of, _)| of.digest == *digest)
            .map(|(_, shares)| shares.reachable(pending));
        !self.hopeless && begun.chain([pending.len()]).max().unwrap_or(0) >= threshold
    }

    /// Checks everything that is not checked yet, and names who is at fault.
    pub fn all_faults(mut self) -> Vec<(PartyId, NodeFault)> {
        let wanted = Wanted {
            epoch: self.epoch,
            request_key: &self.request_key,
            name_hashes: &self.name_hashes,
        };
        for shares in self.uses.values_mut().filter(|shares| shares.checked.is_none()) {
            self.faults.extend(shares.check(&wanted));
        }
        self.faults
    }

    /// Who was found to be at fault so far.
    pub fn faults(self) -> Vec<(PartyId, NodeFault)> {
        self.faults
    }
}

impl Shares {
    fn sum(&self, of: &Use) -> Option<Signature> {
        let big_r = self.shares.first()?.big_r;
        let scalars: Vec<_> = self.shares.iter().map(|share| share.scalar).collect();
        let signature = assemble(&of.public_key, &of.digest, &big_r, &scalars)?;
        let key = VerifyingKey::from_sec1_bytes(&of.public_key).ok()?;
        let public_key = WalletKey::try_from(key.to_sec1_point(false).as_bytes()).ok()?;
        Some(Signature::new(signature, public_key, of.digest))
    }

    /// Keeps the right shares and returns the others' faults.
    fn check(&mut self, wanted: &Wanted<'_>) -> Vec<(PartyId, NodeFault)> {
        let mut faults = Vec::new();
        let mut set = Vec::new();
        self.shares.retain(|share| match share.check(wanted) {
            Ok(of_share) => {
                set = of_share;
                true
            }
            Err(fault) => {
                faults.push((share.node, fault));
                false
            }
        });
        self.checked = Some(set);
        faults
    }

    /// How many right shares there can be once `pending` have answered.
    fn reachable(&self, pending: &BTreeSet<PartyId>) -> usize {
        let may_join = |id: &&PartyId| {
            self.checked.as_ref().is_none_or(|set| set.is_empty() || set.contains(id))
        };
        self.shares.len() + pending.iter().filter(may_join).count()
    }
}
