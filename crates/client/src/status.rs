use crate::failure::NodeFault;
use crate::fan_out::{Ask, FanOut};
use crate::network::Network;
use crate::request_id::{self, RandomnessError};
use conclave_wire::Status;
use conclave_wire::paths::STATUS;

/// What one node says of itself, or why it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// The node's id in the epoch, from 1.
    pub node: u16,
    /// Where it was asked.
    pub url: String,
    /// Its own words: nobody has checked them.
    pub status: Result<Status, NodeFault>,
}

impl Network {
    /// Asks every node how it is, and waits for all of them. In order of the nodes.
    pub async fn status(&self) -> Result<Vec<NodeStatus>, RandomnessError> {
        let network = &*self.inner;
        let mut nodes = FanOut::start(
            network,
            request_id::fresh()?,
            STATUS,
            Ask::Get,
            network.options.short_timeout,
        );
        let mut answers = Vec::new();
        while let Some((node, status)) = nodes.next().await {
            answers.push(NodeStatus { node: node.id.number(), url: node.url.clone(), status });
        }
        answers.sort_by_key(|answer| answer.node);
        Ok(answers)
    }
}
