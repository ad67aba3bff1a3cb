use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256, keccak256};
use futures_util::future::try_join_all;

use crate::bindings::PubkeyRouter::{
    batchCountCall, isRegisteredCall, keyInfoCall, networkKeyCall, unmintedCountCall,
};
use crate::{Chain, ChainError};

/// A wallet's public key: uncompressed secp256k1, 0x04 and both coordinates.
pub type PublicKey = [u8; 65];

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
    pub public_key: PublicKey,
    /// The ceremony that made it.
    pub transcript: B256,
    /// The epoch of that ceremony.
    pub epoch: u64,
}

/// The token of a key: the keccak-256 of its uncompressed public key.
pub fn token_id(public_key: &PublicKey) -> U256 {
    keccak256(public_key).into()
}

/// The Ethereum address of a key.
pub fn ethereum_address(public_key: &PublicKey) -> Address {
    Address::from_raw_public_key(&public_key[1..])
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
) -> Result<PublicKey, ChainError> {
    let key: PublicKey = key
        .try_into()
        .map_err(|_| ChainError::bad_answer(operation, "the public key is not of 65 bytes"))?;
    if key[0] != 4 || token_id(&key) != token {
        return Err(ChainError::bad_answer(operation, "the public key is not the token's"));
    }
    Ok(key)
}

fn small(operation: &'static str, number: U256) -> Result<u64, ChainError> {
    number.try_into().map_err(|_| ChainError::bad_answer(operation, "the number is out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_not_the_token_s_is_refused() {
        let key: PublicKey = std::array::from_fn(|at| if at == 0 { 4 } else { at as u8 });
        let token = token_id(&key);
        assert_eq!(wallet_key("test", token, &key).unwrap(), key);
        let mut other = key;
        other[64] ^= 1;
        assert!(wallet_key("test", token, &other).is_err());
        assert!(wallet_key("test", token, &key[..64]).is_err());
        assert!(wallet_key("test", keccak256([2; 65]).into(), &[2; 65]).is_err());
    }
}
