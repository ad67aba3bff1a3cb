use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{Log, TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolCall;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::rpc::within;
use crate::{ChainError, EthereumKey, Revert, Rpc};

/// How long a transaction may take from being sent to being in a block.
pub const RECEIPT_WAIT: Duration = Duration::from_secs(120);
const FIRST_POLL: Duration = Duration::from_millis(25);
const LONGEST_POLL: Duration = Duration::from_secs(1);
/// Gas to offer above the estimate, in percent: the state may change before the transaction is executed.
const GAS_MARGIN_PERCENT: u64 = 25;

/// An account that sends transactions. There should be one per key and process, because it numbers its transactions; clones
/// share the numbering.
#[derive(Clone)]
pub struct Account {
    rpc: Rpc,
    key: Arc<EthereumKey>,
    sending: Arc<Mutex<()>>,
}

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

impl Account {
    /// The account of this key, on the endpoint's chain.
    pub fn new(rpc: Rpc, key: EthereumKey) -> Self {
        Self { rpc, key: Arc::new(key), sending: Arc::default() }
    }

    /// Its address.
    pub fn address(&self) -> Address {
        self.key.address()
    }

    /// The key itself, for signing attestations.
    pub fn key(&self) -> &EthereumKey {
        &self.key
    }

    /// The endpoint that it sends to.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Sends wei to an address.
    pub async fn send_value(&self, to: Address, wei: U256) -> Result<Receipt, ChainError> {
        self.transact("send wei", TxKind::Call(to), wei, Bytes::new()).await
    }

    pub(crate) async fn call<C: SolCall>(
        &self,
        operation: &'static str,
        contract: Address,
        wei: U256,
        call: C,
    ) -> Result<Receipt, ChainError> {
        self.transact(operation, TxKind::Call(contract), wei, call.abi_encode().into()).await
    }

    pub(crate) async fn create(&self, operation: &'static str, code: Bytes) -> Result<Address, ChainError> {
        let receipt = self.transact(operation, TxKind::Create, U256::ZERO, code).await?;
        receipt.contract.ok_or_else(|| ChainError::bad_answer(operation, "the receipt names no contract"))
    }

    async fn transact(
        &self,
        operation: &'static str,
        to: TxKind,
        wei: U256,
        input: Bytes,
    ) -> Result<Receipt, ChainError> {
        let request = TransactionRequest::default()
            .with_from(self.address())
            .with_kind(to)
            .with_value(wei)
            .with_input(input.clone());
        let numbering = self.sending.lock().await;
        let transaction = self.prepare(operation, &request, to, wei, input).await?;
        let hash = *transaction.tx_hash();
        match within(operation, self.rpc.provider().send_raw_transaction(&transaction.encoded_2718()).await) {
            // It may have arrived although no answer came. Only its receipt can tell, and a second one could mint twice.
            Ok(_) | Err(ChainError::RpcUnreachable { .. }) => {}
            Err(error) => return Err(error),
        }
        drop(numbering);

        let receipt = self.receipt(operation, hash).await?;
        if !receipt.status() {
            return Err(self.why_it_reverted(operation, request, &receipt).await);
        }
        Ok(Receipt {
            transaction: hash,
            block: receipt.block_number.unwrap_or_default(),
            contract: receipt.contract_address,
            logs: receipt.inner.logs().to_vec(),
        })
    }

    async fn prepare(
        &self,
        operation: &'static str,
        request: &TransactionRequest,
        to: TxKind,
        value: U256,
        input: Bytes,
    ) -> Result<TxEnvelope, ChainError> {
        let provider = self.rpc.provider();
        let nonce = within(operation, provider.get_transaction_count(self.address()).pending().await)?;
        let gas = within(operation, provider.estimate_gas(request.clone()).await)?;
        let fees = within(operation, provider.estimate_eip1559_fees().await)?;
        let transaction = TxEip1559 {
            chain_id: self.rpc.chain_id(),
            nonce,
            gas_limit: gas.saturating_add(gas / 100 * GAS_MARGIN_PERCENT),
            max_fee_per_gas: fees.max_fee_per_gas,
            max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
            to,
            value,
            access_list: Default::default(),
            input,
        };
        let signature = self.key.signature(transaction.signature_hash());
        Ok(transaction.into_signed(signature).into())
    }

    async fn receipt(&self, operation: &'static str, transaction: B256) -> Result<TransactionReceipt, ChainError> {
        let deadline = Instant::now() + RECEIPT_WAIT;
        let mut pause = FIRST_POLL;
        loop {
            match within(operation, self.rpc.provider().get_transaction_receipt(transaction).await) {
                Ok(Some(receipt)) => return Ok(receipt),
                Ok(None) | Err(ChainError::RpcUnreachable { .. }) => {}
                Err(error) => return Err(error),
            }
            if Instant::now() + pause > deadline {
                return Err(ChainError::NotMined { operation, transaction, seconds: RECEIPT_WAIT.as_secs() });
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_POLL);
        }
    }

    /// A receipt does not say why; the same call on the state behind it does, nearly always.
    async fn why_it_reverted(
        &self,
        operation: &'static str,
        request: TransactionRequest,
        receipt: &TransactionReceipt,
    ) -> ChainError {
        let block = receipt.block_number.map_or(BlockNumberOrTag::Latest, BlockNumberOrTag::Number);
        let again = self.rpc.provider().call(request).block(BlockId::Number(block)).await;
        match within(operation, again) {
            Err(reverted @ ChainError::Reverted { .. }) => reverted,
            _ => ChainError::Reverted { operation, revert: Revert::decode(&[]) },
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Account({} on chain {})", self.address(), self.rpc.chain_id())
    }
}
