//! One request to every node at once, and who has not answered it yet.

use crate::failure::{NodeFailure, NodeFault, Shortfall};
use crate::http::exchange;
use crate::network::{Inner, Node};
use conclave_threshold::party::PartyId;
use conclave_wire::RequestId;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::time::Duration;

/// Answers as they come in. Dropping it abandons whoever has not answered.
pub(crate) struct FanOut<'a, T> {
    network: &'a Inner,
    answers: FuturesUnordered<BoxFuture<'a, (&'a Node, Result<T, NodeFault>)>>,
    pending: BTreeSet<PartyId>,
    failures: Vec<NodeFailure>,
    id: RequestId,
}

/// What to ask a node. A body is made for each, because each gets a signature of its own.
pub(crate) enum Ask<'a> {
    Get,
    Post(&'a dyn Fn(&Node) -> Vec<u8>),
}

impl<'a, T: DeserializeOwned + Send + 'a> FanOut<'a, T> {
    pub fn start(
        network: &'a Inner,
        id: RequestId,
        path: &str,
        ask: Ask<'_>,
        timeout: Duration,
    ) -> Self {
        let answers = FuturesUnordered::new();
        for node in &network.nodes {
            let url = format!("{}{path}", node.url);
            let request = match ask {
                Ask::Get => network.http.get(url),
                Ask::Post(body) => network
                    .http
                    .post(url)
                    .header("content-type", "application/json")
                    .body(body(node)),
            };
            let id = id.clone();
            let answer: BoxFuture<'a, _> =
                Box::pin(async move { (node, exchange(request, &id, timeout).await) });
            answers.push(answer);
        }
        let pending = network.nodes.iter().map(|node| node.id).collect();
        Self { network, answers, pending, failures: Vec::new(), id }
    }

    /// The next answer; `None` when every node has answered.
    pub async fn next(&mut self) -> Option<(&'a Node, Result<T, NodeFault>)> {
        let (node, answer) = self.answers.next().await?;
        self.pending.remove(&node.id);
        Some((node, answer))
    }

    /// Notes a node's fault.
    pub fn fail(&mut self, id: PartyId, fault: NodeFault) {
        let url = self
            .network
            .nodes
            .iter()
            .find(|node| node.id == id)
            .map(|node| node.url.clone())
            .unwrap_or_default();
        self.failures.push(NodeFailure { node: id.number(), url, fault });
    }

    /// Whose answer is still waited for.
    pub fn pending(&self) -> &BTreeSet<PartyId> {
        &self.pending
    }

    /// The faults so far, in order of the nodes.
    pub fn into_failures(mut self) -> Vec<NodeFailure> {
        self.failures.sort_by_key(|failure| failure.node);
        self.failures
    }

    /// The account of a call that failed.
    pub fn shortfall(self) -> Shortfall {
        Shortfall {
            request_id: self.id.clone(),
            threshold: self.network.epoch.threshold(),
            members: self.network.nodes.len() as u16,
            failures: self.into_failures(),
        }
    }
}
