//! What key generation gets from the node: the keystore for its shares, the account for its
//! attestations.

use crate::ceremony::{DkgSupport, KeyBatch};
use crate::keybook::KeyBook;
use crate::registration::Registrar;
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::PartyId;
use std::sync::Arc;

pub struct Support {
    pub keybook: Arc<KeyBook>,
    pub registrar: Arc<Registrar>,
}

impl DkgSupport for Support {
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
