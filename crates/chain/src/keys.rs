use alloy::eips::BlockId;
use alloy::primitives::{B256, U256};
use futures_util::future::try_join_all;

use crate::bindings::PubkeyRouter::{
    batchCountCall, isRegisteredCall, keyInfoCall, networkKeyCall, unmintedCountCall,
};
use crate::{Chain, ChainError, WalletKey};

/// Most keys in one call of [`Chain::is_registered`].
pub const MAX_KEYS_ASKED: usize = 64;

/// Key type of wallets in the contracts.
pub(crate) const WALLET_KEY_TYPE: u8 = 2;
/// Key type of the network's own BLS12-381 key in the contracts.
pub(crate) const NETWORK_KEY_TYPE: u8 = 1;

/// What the chain knows of a registered wallet key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Whether it was ever minted. It stays so when its token is burned.
    pub minted: bool,
    /// The key.
    pub public_key: WalletKey,
    /// The ceremony that made it.
    pub transcript: B256,
    /// The epoch of that ceremony.
    pub epoch: u64,
}

impl Chain {
    /// The network's BLS12-381 key (compressed G1), once its batch is registered.
    pub async fn network_key(&self) -> Result<Option<[u8; 48]>, ChainError> {
        const OPERATION: &str = "read the network's key";
        let key =
            self.rpc().call(OPERATION, self.addresses().pubkey_router, networkKeyCall {}).await?;
        if key.is_empty() {
            return Ok(None);
        }
        let key = key[..].try_into();
        key.map(Some).map_err(|_| ChainError::bad_answer(OPERATION, "the key is not of 48 bytes"))
    }

    /// How many attested wallet keys wait to be minted.
    pub async fn pool_size(&self) -> Result<u64, ChainError> {
        const OPERATION: &str = "read the size of the pool";
        let call = unmintedCountCall { keyType: U256::from(WALLET_KEY_TYPE) };
        let count = self.rpc().call(OPERATION, self.addresses().pubkey_router, call).await?;
        small(OPERATION, count)
    }

    /// How many batches are registered, the network key's included.
    pub async fn batch_count(&self) -> Result<u64, ChainError> {
        const OPERATION: &str = "read the number of batches";
        let count =
            self.rpc().call(OPERATION, self.addresses().pubkey_router, batchCountCall {}).await?;
        small(OPERATION, count)
    }

    /// The wallet key of a token, or `None` when no such key is registered.
    pub async fn key(&self, token: U256) -> Result<Option<KeyInfo>, ChainError> {
        const OPERATION: &str = "read a key";
        let call = keyInfoCall { tokenId: token };
        let info = self.rpc().call(OPERATION, self.addresses().pubkey_router, call).await?;
        // The network's own key is registered too, under the hash of its 48 bytes, but it is no
        // wallet's.
        if !info.registered || (info.pubkey.len() == 48 && !info.minted) {
            return Ok(None);
        }
        let public_key = wallet_key(OPERATION, token, &info.pubkey)?;
        Ok(Some(KeyInfo {
            minted: info.minted,
            public_key,
            transcript: info.transcript,
            epoch: info.epoch,
        }))
    }

    /// For each public key whether it is registered, at the given block or, without one, at the
    /// latest.
    ///
    /// Name a block before erasing anything: behind a load balancer, "latest" may be an older block
    /// than the last answer's.
    pub async fn is_registered(
        &self,
        keys: &[&[u8]],
        block: Option<u64>,
    ) -> Result<Vec<bool>, ChainError> {
        const OPERATION: &str = "read which keys are registered";
        if keys.len() > MAX_KEYS_ASKED {
            return Err(ChainError::TooMany {
                operation: OPERATION,
                found: keys.len(),
                maximum: MAX_KEYS_ASKED,
            });
        }
        let block = block.map_or(BlockId::latest(), BlockId::number);
        let router = self.addresses().pubkey_router;
        try_join_all(keys.iter().map(|key| {
            self.rpc().call_at(
                OPERATION,
                router,
                isRegisteredCall { pubkey: key.to_vec().into() },
                block,
            )
        }))
        .await
    }
}

/// The key, if it is one and the token's own: a token id commits to its key, so no endpoint can put
/// another in its place.
pub(crate) fn wallet_key(
    operation: &'static str,
    token: U256,
    key: &[u8],
) -> Result<WalletKey, ChainError> {
    let key = WalletKey::try_from(key)
        .map_err(|error| ChainError::bad_answer(operation, error.to_string()))?;
    if key.token_id() != token {
        return Err(ChainError::bad_answer(operation, "the public key is not the token's"));
    }
    Ok(key)
}

fn small(operation: &'static str, number: U256) -> Result<u64, ChainError> {
    number.try_into().map_err(|_| ChainError::bad_answer(operation, "the number is out of range"))
}

#[cfg(test)]
mod tests {
    use alloy::primitives::keccak256;

    use super::*;

    #[test]
    fn a_key_that_is_not_the_token_s_is_refused() {
        let bytes: [u8; 65] = std::array::from_fn(|at| if at == 0 { 4 } else { at as u8 });
        let key = WalletKey::try_from(bytes).unwrap();
        let token = key.token_id();
        assert_eq!(wallet_key("test", token, &bytes).unwrap(), key);
        let mut other = bytes;
        other[64] ^= 1;
        assert!(wallet_key("test", token, &other).is_err());
        assert!(wallet_key("test", token, &bytes[..64]).is_err());
        assert!(wallet_key("test", keccak256([2; 65]).into(), &[2; 65]).is_err());
    }
}
