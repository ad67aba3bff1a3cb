use std::time::Duration;

use alloy::primitives::{Address, B256};
use alloy::providers::Provider;
use alloy::rpc::types::{Log, TransactionReceipt};
use tokio::time::{Instant, sleep};

use crate::rpc::within;
use crate::{ChainError, Revert, Rpc};

/// How long a transaction may take from being sent to being in a block.
pub const RECEIPT_WAIT: Duration = Duration::from_secs(120);
const FIRST_POLL: Duration = Duration::from_millis(25);
const LONGEST_POLL: Duration = Duration::from_secs(1);

/// A transaction that is in a block and did not revert.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The transaction's hash.
    pub transaction: B256,
    /// The block's number. Whether that block is final is another question.
    pub block: u64,
    pub(crate) contract: Option<Address>,
    pub(crate) logs: Vec<Log>,
}

impl Receipt {
    /// `None` when the transaction reverted.
    pub(crate) fn of_success(receipt: &TransactionReceipt) -> Option<Self> {
        receipt.status().then(|| Self {
            transaction: receipt.transaction_hash,
            block: receipt.block_number.unwrap_or_default(),
            contract: receipt.contract_address,
            logs: receipt.inner.logs().to_vec(),
        })
    }
}

impl Rpc {
    /// Waits, at most [`RECEIPT_WAIT`], until a transaction that somebody sent is in a block.
    pub async fn wait_for(&self, transaction: B256) -> Result<Receipt, ChainError> {
        const OPERATION: &str = "wait for a transaction";
        let receipt = self.receipt(OPERATION, transaction).await?;
        Receipt::of_success(&receipt).ok_or_else(|| ChainError::Reverted {
            operation: OPERATION,
            revert: Revert::decode(&[]),
        })
    }

    /// The receipt, whether the transaction succeeded or reverted. An endpoint that is away for a
    /// moment is asked again.
    pub(crate) async fn receipt(
        &self,
        operation: &'static str,
        transaction: B256,
    ) -> Result<TransactionReceipt, ChainError> {
        let deadline = Instant::now() + RECEIPT_WAIT;
        let mut pause = FIRST_POLL;
        loop {
            match within(operation, self.provider().get_transaction_receipt(transaction).await) {
                Ok(Some(receipt)) => return Ok(receipt),
                Ok(None) | Err(ChainError::RpcUnreachable { .. }) => {}
                Err(error) => return Err(error),
            }
            if Instant::now() + pause > deadline {
                return Err(ChainError::NotMined {
                    operation,
                    transaction,
                    seconds: RECEIPT_WAIT.as_secs(),
                });
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_POLL);
        }
    }
}
