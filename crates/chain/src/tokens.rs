use alloy::primitives::{Address, U256};
use futures_util::future::try_join_all;

use crate::bindings::PKPNFT::{getEthAddressCall, tokenByIndexCall, totalSupplyCall};
use crate::{Chain, ChainError};

/// Most tokens that one search looks at, the newest first.
pub const MAX_TOKENS_SEARCHED: u64 = 1024;
/// Tokens looked at in one go.
const TOKENS_AT_ONCE: u64 = 16;

const OPERATION: &str = "search a token by its key's address";

impl Chain {
    /// The token whose key has this Ethereum address, among the newest [`MAX_TOKENS_SEARCHED`] that
    /// are not burned. The contracts keep no index from address to token, so this asks one by one.
    pub async fn token_with_address(&self, address: Address) -> Result<Option<U256>, ChainError> {
        let contract = self.addresses().pkp_nft;
        let supply = self.rpc().call(OPERATION, contract, totalSupplyCall {}).await?;
        let supply = u64::try_from(supply)
            .map_err(|_| ChainError::bad_answer(OPERATION, "the number is out of range"))?;
        let oldest = supply.saturating_sub(MAX_TOKENS_SEARCHED);
        let mut end = supply;
        while end > oldest {
            let start = end.saturating_sub(TOKENS_AT_ONCE).max(oldest);
            let tokens = try_join_all((start..end).map(|index| self.token_at(index))).await?;
            if let Some((token, _)) = tokens.into_iter().find(|(_, theirs)| *theirs == address) {
                return Ok(Some(token));
            }
            end = start;
        }
        Ok(None)
    }

    async fn token_at(&self, index: u64) -> Result<(U256, Address), ChainError> {
        let contract = self.addresses().pkp_nft;
        let token = self
            .rpc()
            .call(OPERATION, contract, tokenByIndexCall { index: U256::from(index) })
            .await?;
        let address =
            self.rpc().call(OPERATION, contract, getEthAddressCall { tokenId: token }).await?;
        Ok((token, address))
    }
}
