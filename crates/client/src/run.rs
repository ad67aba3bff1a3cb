use crate::collector::{Collector, MAX_SIGNATURES};
use crate::failure::{NodeFailure, NodeFault, Shortfall};
use crate::fan_out::{Ask, FanOut};
use crate::network::{Network, Node};
use crate::request_id::{self, RandomnessError};
use crate::retries::Retries;
use crate::session::Session;
use crate::signature::Signature;
use agreement::Agreement;
use conclave_content::{Cid, CidError};
use conclave_threshold::online::request_key;
use conclave_wire::limits::MAX_CODE_BYTES;
use conclave_wire::paths::{EXECUTE_OPERATION, EXECUTE_V1};
use conclave_wire::{ActionSource, ExecuteRequest, RequestId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

mod agreement;

pub use agreement::{RunOutcome, RunSplit};

/// What an action did, as at least the threshold's nodes agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunResult {
    /// What it passed to `setResponse`; empty when nothing.
    pub response: String,
    /// What it wrote to the console at one of the nodes that agree. Logs are not compared: they may
    /// hold a node's own times.
    pub logs: String,
    /// By the names that the action gave them. They have been verified.
    pub signatures: BTreeMap<String, Signature>,
    /// The id of the request.
    pub request_id: RequestId,
    /// Nodes that did not help, as far as was seen until enough others had.
    pub failures: Vec<NodeFailure>,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The code is longer than any node takes; nothing was sent.
    #[error("the action's code is longer than {limit} bytes")]
    CodeTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The action was named by something else than a CID; nothing was sent.
    #[error(transparent)]
    Cid(#[from] CidError),
    /// Fewer nodes than needed helped.
    #[error(transparent)]
    Shortfall(#[from] Shortfall),
    /// Enough nodes ran it, to different ends.
    #[error(transparent)]
    Split(#[from] RunSplit),
    /// There is no fresh request id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl RunError {
    /// Whether the same call may succeed when it is made again.
    pub fn retry_helps(&self) -> bool {
        match self {
            Self::Shortfall(shortfall) => shortfall.retry_helps(),
            // It helps an action that read something that had just changed.
            Self::Split(_) => true,
            Self::CodeTooLong { .. } | Self::Cid(_) | Self::Randomness(_) => false,
        }
    }
}

impl Network {
    /// Has every node run an action with these globals. The session must hold
    /// [`crate::Ability::ActionExecution`] for it.
    ///
    /// Returns as soon as the threshold's nodes agree on response and signatures, and every
    /// signature is complete. As every node runs the action by itself, and a repetition runs it
    /// again, whatever it does to the outside must bear being done several times.
    pub async fn run(
        &self,
        session: &Session,
        source: ActionSource,
        params: Map<String, Value>,
    ) -> Result<RunResult, RunError> {
        let cid = cid_of(&source)?;
        let request = ExecuteRequest {
            source,
            js_params: params,
            auth_sig: None,
            credentials: Vec::new(),
            epoch: self.epoch(),
        };
        let mut retries = Retries::new(&self.inner.options);
        let mut earlier = Vec::new();
        loop {
            match self.run_once(session, &request, &cid).await {
                Ok(mut result) => {
                    result.failures.splice(0..0, earlier);
                    return Ok(result);
                }
                Err(RunError::Shortfall(shortfall))
                    if shortfall.retry_helps_now() && retries.next().await =>
                {
                    earlier.extend(shortfall.culprits().cloned());
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn run_once(
        &self,
        session: &Session,
        request: &ExecuteRequest,
        cid: &Cid,
    ) -> Result<RunResult, RunError> {
        let network = &*self.inner;
        let id = request_id::fresh()?;
        let body = |node: &Node| {
            let request =
                ExecuteRequest { auth_sig: Some(session.sign_for(&node.url)), ..request.clone() };
            serde_json::to_vec(&request).unwrap_or_default()
        };
        let content = [cid.multihash().as_slice(), &as_nodes_write(&request.js_params)].concat();
        let request_key = request_key(id.as_str(), &session.address(), EXECUTE_OPERATION, &content);
        let mut agreement = Agreement::new(&network.epoch, request_key);
        let timeout = network.options.run_timeout;
        let mut nodes = FanOut::start(network, id.clone(), EXECUTE_V1, Ask::Post(&body), timeout);

        while agreement.can_complete(nodes.pending()) {
            let Some((node, answer)) = nodes.next().await else { break };
            if let Err(fault) = answer.and_then(|answer| agreement.add(node.id, answer)) {
                nodes.fail(node.id, fault);
            }
            if let Some((outcome, logs)) = agreement.complete() {
                let signatures = agreement.signatures(&outcome);
                agreement
                    .collectors()
                    .flat_map(Collector::faults)
                    .for_each(|(id, fault)| nodes.fail(id, fault));
                let RunOutcome { response, .. } = outcome;
                return Ok(RunResult {
                    response,
                    logs,
                    signatures,
                    request_id: id,
                    failures: nodes.into_failures(),
                });
            }
        }
        let split = agreement.split();
        agreement
            .collectors()
            .flat_map(Collector::all_faults)
            .for_each(|(id, fault)| nodes.fail(id, fault));
        let shortfall = nodes.shortfall();
        Err(match split {
            Some(outcomes) => RunSplit { outcomes, shortfall }.into(),
            None => shortfall.into(),
        })
    }
}

fn cid_of(source: &ActionSource) -> Result<Cid, RunError> {
    match source {
        ActionSource::Inline(code) if code.len() > MAX_CODE_BYTES => {
            Err(RunError::CodeTooLong { limit: MAX_CODE_BYTES })
        }
        ActionSource::Inline(code) => Ok(Cid::of(code.as_bytes())),
        ActionSource::Cid(text) => Ok(text.parse()?),
    }
}

/// The parameters as a node writes them after it has read them: a number may change its spelling on
/// the way.
fn as_nodes_write(params: &Map<String, Value>) -> Vec<u8> {
    let sent = serde_json::to_vec(params).unwrap_or_default();
    serde_json::from_slice::<Map<String, Value>>(&sent)
        .and_then(|read| serde_json::to_vec(&read))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_longest_code_and_refuses_one_byte_more() {
        assert!(cid_of(&ActionSource::Inline("x".repeat(MAX_CODE_BYTES))).is_ok());
        let refused = cid_of(&ActionSource::Inline("x".repeat(MAX_CODE_BYTES + 1)));
        assert_eq!(refused, Err(RunError::CodeTooLong { limit: MAX_CODE_BYTES }));
    }

    #[test]
    fn refuses_an_action_that_is_named_by_something_else_than_a_cid() {
        assert_eq!(
            cid_of(&ActionSource::Cid("price-guard".into())),
            Err(RunError::Cid(CidError::Malformed))
        );
    }
}
