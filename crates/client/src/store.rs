use crate::Wallet;
use crate::failure::{NodeFailure, NodeFault, Shortfall};
use crate::fan_out::{Ask, FanOut};
use crate::network::Network;
use crate::request_id::{self, RandomnessError};
use conclave_auth::sign_store_action;
use conclave_content::Cid;
use conclave_wire::StoreActionResponse;
use conclave_wire::limits::MAX_CODE_BYTES;
use conclave_wire::paths::STORE_ACTION;
use time::OffsetDateTime;

/// An action that at least the threshold's nodes have stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name from now on.
    pub cid: Cid,
    /// The nodes that have it.
    pub nodes: Vec<u16>,
    /// The nodes that do not, and why.
    pub failures: Vec<NodeFailure>,
}

/// Why an action is not stored on enough nodes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The code is longer than any node takes; nothing was sent.
    #[error("the action's code is longer than {limit} bytes")]
    CodeTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Fewer nodes than needed stored it.
    #[error(transparent)]
    Shortfall(#[from] Shortfall),
    /// There is no fresh request id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl StoreError {
    /// Whether the same call may succeed when it is made again.
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Shortfall(shortfall) if shortfall.retry_helps())
    }
}

impl Network {
    /// Stores an action's code on the nodes, in the name of an account that their operators allow
    /// to. Waits for all of them.
    pub async fn store_action(&self, wallet: &Wallet, code: String) -> Result<Stored, StoreError> {
        if code.len() > MAX_CODE_BYTES {
            return Err(StoreError::CodeTooLong { limit: MAX_CODE_BYTES });
        }
        let network = &*self.inner;
        let cid = Cid::of(code.as_bytes());
        let request = sign_store_action(
            wallet,
            &network.id,
            code,
            &cid.to_string(),
            OffsetDateTime::now_utc(),
        );
        let body = serde_json::to_vec(&request).unwrap_or_default();
        let ask = |_: &_| body.clone();
        let id = request_id::fresh()?;
        let mut nodes =
            FanOut::start(network, id, STORE_ACTION, Ask::Post(&ask), network.options.run_timeout);

        let mut stored = Vec::new();
        while let Some((node, answer)) = nodes.next().await {
            match answer {
                Ok(StoreActionResponse { cid: theirs }) if theirs == cid.to_string() => {
                    stored.push(node.id.number())
                }
                Ok(_) => nodes.fail(node.id, NodeFault::Other { field: "code" }),
                Err(fault) => nodes.fail(node.id, fault),
            }
        }
        if stored.len() < usize::from(network.epoch.threshold()) {
            return Err(nodes.shortfall().into());
        }
        stored.sort_unstable();
        Ok(Stored { cid, nodes: stored, failures: nodes.into_failures() })
    }
}
