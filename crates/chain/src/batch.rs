use alloy::primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use alloy::sol_types::SolValue;
use thiserror::Error;

use crate::bindings::PubkeyRouter::{BatchExpired, TranscriptAlreadyRegistered, registerBatchCall};
use crate::keys::{NETWORK_KEY_TYPE, WALLET_KEY_TYPE};
use crate::{Account, Chain, ChainError, EthereumKey, MAX_MEMBERS, Receipt, WalletKey};

/// Most wallet keys in one batch.
pub const MAX_BATCH_KEYS: usize = 64;

/// First field of what attesters sign, before it is hashed.
const DOMAIN: &[u8] = b"conclave/key-batch/v1";

/// The keys of one ceremony, as its participants attest them and the chain registers them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    key_type: u8,
    transcript: B256,
    epoch: u64,
    expiry_block: u64,
    keys: Vec<Bytes>,
}

/// The keys cannot be a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a batch has 1 to {MAX_BATCH_KEYS} keys, not {found}")]
pub struct BatchError {
    /// How many there were.
    pub found: usize,
}

/// One participant's word that it holds a share of every key of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Its account.
    pub attester: Address,
    /// Its signature: r, s (low) and v (27 or 28).
    pub signature: [u8; 65],
}

/// Why a batch was not registered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegisterBatchError {
    /// Somebody else registered this ceremony first: nothing is left to do.
    #[error("the batch is registered already")]
    AlreadyRegistered,
    /// The chain is past the batch's last block: its keys can never be used.
    #[error("the batch has expired")]
    Expired,
    /// The chain gave another reason.
    #[error(transparent)]
    Chain(ChainError),
}

impl From<ChainError> for RegisterBatchError {
    fn from(error: ChainError) -> Self {
        match error.revert() {
            Some(revert) if revert.is::<TranscriptAlreadyRegistered>() => Self::AlreadyRegistered,
            Some(revert) if revert.is::<BatchExpired>() => Self::Expired,
            _ => Self::Chain(error),
        }
    }
}

impl Batch {
    /// Wallet keys, in the order in which they will be minted. `transcript` is the hash of the
    /// ceremony's public messages, `expiry_block` the last block in which they may be registered.
    pub fn of_wallets(
        transcript: [u8; 32],
        epoch: u64,
        expiry_block: u64,
        keys: &[WalletKey],
    ) -> Result<Self, BatchError> {
        if keys.is_empty() || keys.len() > MAX_BATCH_KEYS {
            return Err(BatchError { found: keys.len() });
        }
        let keys = keys.iter().map(|key| Bytes::copy_from_slice(key.uncompressed())).collect();
        Ok(Self {
            key_type: WALLET_KEY_TYPE,
            transcript: transcript.into(),
            epoch,
            expiry_block,
            keys,
        })
    }

    /// The network's own key: compressed BLS12-381 G1.
    pub fn of_network(transcript: [u8; 32], epoch: u64, expiry_block: u64, key: &[u8; 48]) -> Self {
        let keys = vec![Bytes::copy_from_slice(key)];
        Self {
            key_type: NETWORK_KEY_TYPE,
            transcript: transcript.into(),
            epoch,
            expiry_block,
            keys,
        }
    }

    /// Attests the batch with the key of one participant.
    pub fn attest(&self, key: &EthereumKey, chain_id: u64, router: Address) -> Attestation {
        let signature = key.sign_digest(attestation_digest(chain_id, router, self));
        Attestation { attester: key.address(), signature }
    }
}

/// What the participants of a ceremony sign, as it is and without a prefix.
pub fn attestation_digest(chain_id: u64, router: Address, batch: &Batch) -> B256 {
    let fields = (
        keccak256(DOMAIN),
        U256::from(chain_id),
        router,
        batch.epoch,
        U256::from(batch.key_type),
        batch.transcript,
        keccak256(batch.keys.abi_encode()),
        batch.expiry_block,
    );
    keccak256(fields.abi_encode_params())
}

/// Whether the attestation is its attester's own over this digest, in the one form that the
/// contract accepts.
pub fn verify_attestation(digest: B256, attestation: &Attestation) -> bool {
    let Ok(signature) = Signature::from_raw_array(&attestation.signature) else { return false };
    // Only one of the encodings of a signature may count: v as 27 or 28, s low.
    signature.as_bytes() == attestation.signature
        && signature.normalize_s().is_none()
        && signature
            .recover_address_from_prehash(&digest)
            .is_ok_and(|signer| signer == attestation.attester)
}

impl Chain {
    /// What the participants of a ceremony sign on this network.
    pub fn attestation_digest(&self, batch: &Batch) -> B256 {
        attestation_digest(self.chain_id(), self.addresses().pubkey_router, batch)
    }

    /// Attests the batch on this network.
    pub fn attest(&self, batch: &Batch, key: &EthereumKey) -> Attestation {
        batch.attest(key, self.chain_id(), self.addresses().pubkey_router)
    }

    /// Registers the batch with the attestations of all its participants, in any order. The account
    /// is a member's.
    pub async fn register_batch(
        &self,
        account: &Account,
        batch: &Batch,
        attestations: &[Attestation],
    ) -> Result<Receipt, RegisterBatchError> {
        const OPERATION: &str = "register a batch of keys";
        if attestations.len() > MAX_MEMBERS {
            let (found, maximum) = (attestations.len(), MAX_MEMBERS);
            return Err(ChainError::TooMany { operation: OPERATION, found, maximum }.into());
        }
        let mut ordered = attestations.to_vec();
        ordered.sort_by_key(|attestation| attestation.attester);
        let call = registerBatchCall {
            keyType: U256::from(batch.key_type),
            transcript: batch.transcript,
            epoch: batch.epoch,
            expiryBlock: batch.expiry_block,
            keys: batch.keys.clone(),
            attesters: ordered.iter().map(|attestation| attestation.attester).collect(),
            signatures: ordered
                .iter()
                .map(|attestation| Bytes::copy_from_slice(&attestation.signature))
                .collect(),
        };
        Ok(account.call(OPERATION, self.addresses().pubkey_router, U256::ZERO, call).await?)
    }
}

#[cfg(test)]
mod tests;
