use std::fmt;
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::{Provider, RootProvider};
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use alloy::transports::TransportResult;
use url::Url;

use crate::ChainError;
use crate::transport::BoundedHttp;

/// How long a connection may take to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A fitting limit for one question to an endpoint in the same country.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// One JSON-RPC endpoint of one chain. Cheap to clone.
#[derive(Clone)]
pub struct Rpc {
    provider: RootProvider<Ethereum>,
    chain_id: u64,
}

/// Prices of an EIP-1559 transaction, in wei per unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// The most that is paid.
    pub max_fee_per_gas: u128,
    /// The part of it that goes to the block's producer.
    pub max_priority_fee_per_gas: u128,
}

impl Rpc {
    /// Asks the endpoint for its chain id, and fixes it from then on. `timeout` limits each single
    /// question.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`] when it is not the expected one.
    pub async fn connect(
        url: &str,
        expected_chain: Option<u64>,
        timeout: Duration,
    ) -> Result<Self, ChainError> {
        const OPERATION: &str = "connect to the chain";
        let refuse = |detail: String| ChainError::BadAnswer { operation: OPERATION, detail };
        let url: Url =
            url.parse().map_err(|error| refuse(format!("the RPC URL is malformed: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("the RPC URL must begin with http:// or https://".into()));
        }
        let transport = BoundedHttp::new(url, CONNECT_TIMEOUT.min(timeout), timeout)
            .map_err(|error| refuse(error.without_url().to_string()))?;
        let provider = RootProvider::new(RpcClient::new(transport, false));
        let found = within(OPERATION, provider.get_chain_id().await)?;
        match expected_chain {
            Some(expected) if expected != found => Err(ChainError::WrongChain { expected, found }),
            _ => Ok(Self { provider, chain_id: found }),
        }
    }

    /// The chain id that was found when connecting.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Wei that an account holds.
    pub async fn balance(&self, account: Address) -> Result<U256, ChainError> {
        within("read a balance", self.provider.get_balance(account).await)
    }

    /// Number of the account's next transaction, those included that wait for a block.
    pub async fn next_nonce(&self, account: Address) -> Result<u64, ChainError> {
        within("read a nonce", self.provider.get_transaction_count(account).pending().await)
    }

    /// What a transaction should offer per unit of gas now.
    pub async fn fees(&self) -> Result<Fees, ChainError> {
        let fees = within("estimate the fees", self.provider.estimate_eip1559_fees().await)?;
        Ok(Fees {
            max_fee_per_gas: fees.max_fee_per_gas,
            max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
        })
    }

    /// Sends a transaction that somebody signed, for instance with a key of the network. Returns
    /// its hash at once.
    pub async fn send_raw_transaction(&self, signed: &[u8]) -> Result<B256, ChainError> {
        let pending =
            within("send a signed transaction", self.provider.send_raw_transaction(signed).await)?;
        Ok(*pending.tx_hash())
    }

    /// Asks again which chain the endpoint serves: its operator may have pointed the URL elsewhere.
    pub(crate) async fn check_chain(&self) -> Result<(), ChainError> {
        match within("read the chain id", self.provider.get_chain_id().await)? {
            found if found == self.chain_id => Ok(()),
            found => Err(ChainError::WrongChain { expected: self.chain_id, found }),
        }
    }

    /// A view at the latest block.
    pub(crate) async fn call<C: SolCall>(
        &self,
        operation: &'static str,
        contract: Address,
        call: C,
    ) -> Result<C::Return, ChainError> {
        self.call_at(operation, contract, call, BlockId::latest()).await
    }

    /// A view at the given block.
    pub(crate) async fn call_at<C: SolCall>(
        &self,
        operation: &'static str,
        contract: Address,
        call: C,
        block: BlockId,
    ) -> Result<C::Return, ChainError> {
        let request =
            TransactionRequest::default().to(contract).input(Bytes::from(call.abi_encode()).into());
        let answer = within(operation, self.provider.call(request).block(block).await)?;
        if answer.is_empty() {
            return Err(ChainError::bad_answer(
                operation,
                format!("there is no such contract at {contract}"),
            ));
        }
        C::abi_decode_returns_validate(&answer)
            .map_err(|error| ChainError::bad_answer(operation, error.to_string()))
    }

    pub(crate) fn provider(&self) -> &RootProvider<Ethereum> {
        &self.provider
    }
}

impl fmt::Debug for Rpc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rpc").field("chain_id", &self.chain_id).finish_non_exhaustive()
    }
}

/// Names what was asked in whatever error came of it.
pub(crate) fn within<T>(
    operation: &'static str,
    outcome: TransportResult<T>,
) -> Result<T, ChainError> {
    outcome.map_err(|error| ChainError::from_transport(operation, error))
}
