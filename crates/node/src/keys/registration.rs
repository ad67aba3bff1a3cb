//! Bringing attested keys to the chain: one member in turn sends, the others stand by.

use conclave_agreement::ceremony::{GeneratedKeys, KEY_TYPE_BLS, KeyBatch};
use conclave_chain::{
    Account, Address, Attestation, Batch, Chain, RegisterBatchError, WalletKey, verify_attestation,
};
use conclave_threshold::party::PartyId;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long each stands by before it sends in the place of those before it.
const TURN: Duration = Duration::from_secs(8);

pub struct Registrar {
    pub chain: Chain,
    pub account: Account,
    pub epoch: u64,
    pub me: PartyId,
    /// The members' chain accounts, in the order of the epoch.
    pub accounts: BTreeMap<PartyId, Address>,
}

impl Registrar {
    /// The batch as the chain's contract sees it; `None` when its keys are not of the kind's form.
    fn chain_batch(&self, batch: &KeyBatch) -> Option<Batch> {
        if batch.key_type == KEY_TYPE_BLS {
            let [key] = batch.public_keys.as_slice() else { return None };
            return Some(Batch::of_network(
                batch.transcript,
                self.epoch,
                batch.expiry,
                key.as_slice().try_into().ok()?,
            ));
        }
        let keys = batch
            .public_keys
            .iter()
            .map(|key| WalletKey::try_from(key.as_slice()).ok())
            .collect::<Option<Vec<_>>>()?;
        Batch::of_wallets(batch.transcript, self.epoch, batch.expiry, &keys).ok()
    }

    pub fn attest(&self, batch: &KeyBatch) -> Option<[u8; 65]> {
        Some(self.chain.attest(&self.chain_batch(batch)?, self.account.key()).signature)
    }

    pub fn verify(&self, member: PartyId, batch: &KeyBatch, attestation: &[u8]) -> bool {
        let verified = || {
            let attestation = Attestation {
                attester: *self.accounts.get(&member)?,
                signature: attestation.try_into().ok()?,
            };
            Some(verify_attestation(
                self.chain.attestation_digest(&self.chain_batch(batch)?),
                &attestation,
            ))
        };
        verified().unwrap_or(false)
    }

    /// How many members have their turn before this node, counted from the proposer.
    fn rank(&self, proposer: PartyId) -> u32 {
        let place = |id: PartyId| self.accounts.keys().position(|known| *known == id).unwrap_or(0);
        let size = self.accounts.len().max(1);
        ((place(self.me) + size - place(proposer)) % size) as u32
    }

    /// Sends the batch in this node's turn, unless it is on chain by then.
    pub async fn register(self: std::sync::Arc<Self>, keys: GeneratedKeys, proposer: PartyId) {
        tokio::time::sleep(TURN * self.rank(proposer)).await;
        let known: Vec<&[u8]> = keys.batch.public_keys.iter().map(Vec::as_slice).collect();
        if matches!(self.chain.is_registered(&known, None).await, Ok(registered) if registered.iter().all(|known| *known))
        {
            return;
        }
        let signed = keys.attestations.iter().filter_map(|(member, bytes)| {
            let signature: [u8; 65] = bytes.as_slice().try_into().ok()?;
            Some(Attestation { attester: *self.accounts.get(member)?, signature })
        });
        let attestations: Vec<Attestation> = signed.collect();
        let Some(batch) = self.chain_batch(&keys.batch) else { return };
        match self.chain.register_batch(&self.account, &batch, &attestations).await {
            Ok(_) => tracing::info!(keys = known.len(), "keys registered"),
            Err(RegisterBatchError::AlreadyRegistered) => (),
            Err(error) => tracing::warn!(%error, "a batch of keys was not registered"),
        }
    }
}
