//! What must hold whatever happens.

use crate::links::Slot;
use conclave_threshold::fault::Fault;
use conclave_threshold::ids::Digest;
use conclave_threshold::party::PartyId;
use conclave_threshold::session::SessionId;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that honest parties ever did that cannot be taken back, crashes or not.
#[derive(Default)]
pub struct Ledger {
    uses: BTreeMap<Slot, BTreeMap<PartyId, Vec<u8>>>,
    certified: BTreeMap<SessionId, [u8; 32]>,
    roots: BTreeMap<SessionId, [u8; 32]>,
    signatures: BTreeMap<Slot, Digest>,
    nonces: BTreeSet<[u8; 32]>,
    pub faults: Vec<(PartyId, Fault)>,
}

impl Ledger {
    /// An honest party gave a share.
    pub fn share(&mut self, slot: Slot, party: PartyId, use_bytes: &[u8]) {
        let uses = self.uses.entry(slot).or_default();
        let before = uses.insert(party, use_bytes.to_vec());
        assert!(
            before.is_none_or(|before| before == use_bytes),
            "{party} gave shares of index {} for two uses",
            slot.1
        );
        assert!(
            uses.values().all(|other| other == use_bytes),
            "honest shares of index {} are for two uses",
            slot.1
        );
    }

    /// An honest party holds a certificate of a key generation.
    pub fn certificate(&mut self, session: SessionId, transcript: [u8; 32]) {
        let first = *self.certified.entry(session).or_insert(transcript);
        assert_eq!(first, transcript, "two public keys from one ceremony");
    }

    pub fn certified(&self, session: &SessionId) -> Option<[u8; 32]> {
        self.certified.get(session).copied()
    }

    pub fn is_certified(&self, session: &SessionId, transcript: &[u8; 32]) -> bool {
        self.certified.get(session) == Some(transcript)
    }

    /// An honest party holds a batch.
    pub fn root(&mut self, session: SessionId, root: [u8; 32]) {
        let first = *self.roots.entry(session).or_insert(root);
        assert_eq!(first, root, "two roots of one batch");
    }

    /// The client has a signature: `r` of it, and what it signs.
    pub fn signature(&mut self, slot: Slot, digest: Digest, r: [u8; 32]) {
        assert!(
            self.signatures.insert(slot, digest).is_none(),
            "two signatures from one presignature"
        );
        assert!(self.nonces.insert(r), "two signatures with one nonce");
    }

    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// No honest party can show anything against another honest one. Where nobody lies there is
    /// nothing at all to hold against anybody.
    pub fn check_blame(&self, corrupt: &BTreeSet<PartyId>) {
        for (id, fault) in self.faults.iter().filter(|(id, _)| !corrupt.contains(id)) {
            let blamed = fault.culprit();
            assert!(
                blamed.is_none_or(|party| corrupt.contains(&party)),
                "{id} blames an honest party: {fault}"
            );
            let pair = matches!(fault, Fault::Pairwise { peer, .. } if !corrupt.contains(peer));
            assert!(!pair, "{id} fails with an honest party: {fault}");
            assert!(
                !corrupt.is_empty() || !fault.is_fatal() || matches!(fault, Fault::Misuse(_)),
                "{id} aborts: {fault}"
            );
        }
    }
}
