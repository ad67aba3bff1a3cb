//! What jobs of one epoch get from the node: the keystore for shares, the account for attestations.

use super::keybook::KeyBook;
use super::registration::Registrar;
use conclave_agreement::Workshop;
use conclave_agreement::ceremony::KeyBatch;
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::PartyId;
use std::sync::Arc;

pub struct NodeWorkshop {
    pub keybook: Arc<KeyBook>,
    pub registrar: Arc<Registrar>,
}

impl Workshop for NodeWorkshop {
    fn keep_wallets(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        keys: &[KeyShare<Secp256k1>],
    ) -> Result<Vec<Vec<u8>>, String> {
        self.keybook.keep_wallets(&transcript, expiry, keys).map_err(|error| error.to_string())
    }

    fn keep_network_key(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        key: &KeyShare<Bls12381G1>,
    ) -> Result<Vec<Vec<u8>>, String> {
        self.keybook.keep_network_key(&transcript, expiry, key).map_err(|error| error.to_string())
    }

    fn attest(&self, batch: &KeyBatch) -> Result<Vec<u8>, String> {
        self.registrar
            .attest(batch)
            .map(Vec::from)
            .ok_or_else(|| "the generated keys are not in the chain's form".into())
    }

    fn verify(&self, member: PartyId, batch: &KeyBatch, attestation: &[u8]) -> bool {
        self.registrar.verify(member, batch, attestation)
    }
}
