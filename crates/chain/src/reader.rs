use std::time::Duration;

use crate::{Addresses, ChainError, Contracts, Rpc};

/// One network's contracts on one chain, through one endpoint. Cheap to clone. The questions stand
/// in the modules named after their subject.
#[derive(Clone, Debug)]
pub struct Chain {
    rpc: Rpc,
    addresses: Addresses,
}

impl Chain {
    /// Connects to the endpoint and finds the contracts. `expected_chain` guards against an
    /// endpoint of the wrong chain; `timeout` limits each single question.
    pub async fn connect(
        rpc_url: &str,
        expected_chain: Option<u64>,
        contracts: Contracts,
        timeout: Duration,
    ) -> Result<Self, ChainError> {
        let rpc = Rpc::connect(rpc_url, expected_chain, timeout).await?;
        Self::new(rpc, contracts).await
    }

    /// The same over an endpoint that is connected already.
    pub async fn new(rpc: Rpc, contracts: Contracts) -> Result<Self, ChainError> {
        let addresses = contracts.addresses(&rpc).await?;
        Ok(Self { rpc, addresses })
    }

    /// The endpoint.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Where the contracts are.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The chain id, fixed when connecting.
    pub fn chain_id(&self) -> u64 {
        self.rpc.chain_id()
    }
}
