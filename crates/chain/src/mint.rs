use alloy::primitives::U256;
use alloy::sol_types::{SolCall, SolEvent};
use thiserror::Error;

use crate::bindings::PKPNFT::{
    NoUnmintedKey, mintCostCall, mintGrantAndBurnNextCall, mintNextCall,
};
use crate::bindings::PubkeyRouter::PubkeyRoutingDataSet;
use crate::keys::{WALLET_KEY_TYPE, wallet_key};
use crate::{Account, Chain, ChainError, Receipt, WalletKey};

/// A key that is in use from now on.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The key, which knows its token and its account.
    pub public_key: WalletKey,
    /// The transaction that minted it.
    pub receipt: Receipt,
}

/// Why nothing was minted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MintError {
    /// No attested key is left; the nodes make more by themselves while all of them are up. A retry
    /// helps later.
    #[error("the pool of unminted keys is empty; the nodes refill it while all of them are up")]
    PoolEmpty,
    /// The chain gave another reason.
    #[error(transparent)]
    Chain(ChainError),
}

impl From<ChainError> for MintError {
    fn from(error: ChainError) -> Self {
        match error.revert() {
            Some(revert) if revert.is::<NoUnmintedKey>() => Self::PoolEmpty,
            _ => Self::Chain(error),
        }
    }
}

impl Chain {
    /// The price of a mint in wei.
    pub async fn mint_cost(&self) -> Result<U256, ChainError> {
        self.rpc().call("read the price of a mint", self.addresses().pkp_nft, mintCostCall {}).await
    }

    /// Mints the next key of the pool to the account, which pays the price.
    pub async fn mint(&self, account: &Account) -> Result<Minted, MintError> {
        self.mint_by(account, "mint", mintNextCall { keyType: U256::from(WALLET_KEY_TYPE) }).await
    }

    /// Mints the next key of the pool, permits one action to sign anything with it, and burns the
    /// token: from then on that action (the 34 multihash bytes of its CIDv0) and nobody else can
    /// use the key.
    pub async fn mint_grant_and_burn(
        &self,
        account: &Account,
        action: [u8; 34],
    ) -> Result<Minted, MintError> {
        let call = mintGrantAndBurnNextCall {
            keyType: U256::from(WALLET_KEY_TYPE),
            ipfsCID: action.to_vec().into(),
        };
        self.mint_by(account, "mint, grant and burn", call).await
    }

    async fn mint_by<C: SolCall>(
        &self,
        account: &Account,
        operation: &'static str,
        call: C,
    ) -> Result<Minted, MintError> {
        let cost = self.mint_cost().await?;
        let receipt = account.call(operation, self.addresses().pkp_nft, cost, call).await?;
        let routed = receipt
            .logs
            .iter()
            .filter(|log| log.address() == self.addresses().pubkey_router)
            .find_map(|log| PubkeyRoutingDataSet::decode_log(&log.inner).ok())
            .ok_or_else(|| ChainError::bad_answer(operation, "the receipt names no key"))?;
        let public_key = wallet_key(operation, routed.tokenId, &routed.pubkey)?;
        Ok(Minted { public_key, receipt })
    }
}
