use alloy::eips::BlockNumberOrTag;
use alloy::primitives::B256;
use alloy::providers::Provider;

use crate::rpc::within;
use crate::{Chain, ChainError};

/// How far behind the head a block counts as final on a chain whose endpoint does not say which one
/// is.
pub const FALLBACK_CONFIRMATIONS: u64 = 64;

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its time in seconds since 1970.
    pub timestamp: u64,
}

impl Chain {
    /// The newest block.
    pub async fn latest_block(&self) -> Result<Block, ChainError> {
        const OPERATION: &str = "read the latest block";
        let block = self.block(OPERATION, BlockNumberOrTag::Latest).await?;
        block.ok_or_else(|| ChainError::bad_answer(OPERATION, "there is none"))
    }

    /// The newest block that cannot be undone: the one that the endpoint calls final, or else the
    /// one [`FALLBACK_CONFIRMATIONS`] behind the newest (the first block while there are fewer).
    pub async fn finalized_block(&self) -> Result<Block, ChainError> {
        const OPERATION: &str = "read the finalized block";
        match self.block(OPERATION, BlockNumberOrTag::Finalized).await {
            Ok(Some(block)) => return Ok(block),
            // Endpoints that do not know the tag refuse it or find nothing.
            Ok(None) | Err(ChainError::Refused { .. } | ChainError::BadAnswer { .. }) => {}
            Err(error) => return Err(error),
        }
        let number = self.latest_block().await?.number.saturating_sub(FALLBACK_CONFIRMATIONS);
        let block = self.block(OPERATION, BlockNumberOrTag::Number(number)).await?;
        block.ok_or_else(|| ChainError::bad_answer(OPERATION, format!("block {number} is missing")))
    }

    async fn block(
        &self,
        operation: &'static str,
        which: BlockNumberOrTag,
    ) -> Result<Option<Block>, ChainError> {
        let block = within(operation, self.rpc().provider().get_block_by_number(which).await)?;
        Ok(block.map(|block| Block {
            number: block.header.number,
            hash: block.header.hash,
            timestamp: block.header.timestamp,
        }))
    }
}
