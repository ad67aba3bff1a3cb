use std::fmt;
use std::sync::Arc;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, Bytes, TxKind, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolCall;
use tokio::sync::Mutex;

use crate::rpc::within;
use crate::{ChainError, EthereumKey, Receipt, Revert, Rpc};

/// Gas to offer above the estimate, in percent: the state may change before the transaction is
/// executed.
const GAS_MARGIN_PERCENT: u64 = 25;

/// An account that sends transactions. There should be one per key and process, because it numbers
/// its transactions; clones share the numbering.
#[derive(Clone)]
pub struct Account {
    rpc: Rpc,
    key: Arc<EthereumKey>,
    sending: Arc<Mutex<()>>,
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

    pub(crate) async fn create(
        &self,
        operation: &'static str,
        code: Bytes,
    ) -> Result<Address, ChainError> {
        let receipt = self.transact(operation, TxKind::Create, U256::ZERO, code).await?;
        receipt
            .contract
            .ok_or_else(|| ChainError::bad_answer(operation, "the receipt names no contract"))
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
        match within(
            operation,
            self.rpc.provider().send_raw_transaction(&transaction.encoded_2718()).await,
        ) {
            // It may have arrived although no answer came. Only its receipt can tell, and a second
            // one could mint twice.
            Ok(_) | Err(ChainError::RpcUnreachable { .. }) => {}
            Err(error) => return Err(error),
        }
        drop(numbering);

        let receipt = self.rpc.receipt(operation, hash).await?;
        match Receipt::of_success(&receipt) {
            Some(receipt) => Ok(receipt),
            None => Err(self.why_it_reverted(operation, request, &receipt).await),
        }
    }

    async fn prepare(
        &self,
        operation: &'static str,
        request: &TransactionRequest,
        to: TxKind,
        value: U256,
        input: Bytes,
    ) -> Result<TxEnvelope, ChainError> {
        let nonce = self.rpc.next_nonce(self.address()).await?;
        let gas = within(operation, self.rpc.provider().estimate_gas(request.clone()).await)?;
        let fees = self.rpc.fees().await?;
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
