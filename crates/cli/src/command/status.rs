use crate::failure::Failure;
use crate::output::{Output, harmless};
use crate::place::{PlaceOptions, nodes};
use clap::Args;
use conclave_client::{Network, NodeStatus};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  conclave status
  conclave status --json | jq '.nodes[] | select(.ready | not)'

Each line is a node's own word. Exit code 3 says that fewer nodes answer than sign together.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Status {
    #[command(flatten)]
    place: PlaceOptions,
}

impl Status {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let chain = self.place.find()?.chain().await?;
        let network = nodes(&chain).await?;
        let (size, threshold) = (network.nodes().len(), usize::from(network.threshold()));
        output.progress(&format!("asking {size} nodes"));
        let answers = network.status().await?;
        let answering = answers.iter().filter(|answer| answer.status.is_ok()).count();
        let works = answering >= threshold;
        let told: String = answers.iter().map(|answer| format!("{}\n", line(answer))).collect();
        let head = format!(
            "{} · epoch {} · {threshold} of {size} nodes sign together",
            network.id(),
            network.epoch()
        );
        output.result(&format!("{head}\n{told}"), object(&network, &answers, works));
        if works {
            return Ok(());
        }
        let message =
            format!("only {answering} of {size} nodes answer; {threshold} must sign together");
        Err(Failure::new(message).retryable_if(true).already_reported())
    }
}

fn line(answer: &NodeStatus) -> String {
    let NodeStatus { node, url, status } = answer;
    match status {
        Ok(status) => format!(
            "node {node} {url}: {}, {} of {} linked, {} presignatures, {} unminted keys, {} served, version {}{}",
            if status.ready { "ready" } else { "not ready" },
            status.members.iter().filter(|member| member.linked).count(),
            status.members.len(),
            status.presignatures,
            status.pool_unminted,
            status.requests_served,
            harmless(&status.version),
            match status.missing_layers.as_slice() {
                [] => String::new(),
                missing => format!(", actions run without {}", harmless(&missing.join(", "))),
            },
        ),
        Err(fault) => format!("node {node} {url}: {fault}"),
    }
}

fn object(network: &Network, answers: &[NodeStatus], works: bool) -> Value {
    let node = |answer: &NodeStatus| match &answer.status {
        Ok(status) => {
            json!({ "node": answer.node, "url": answer.url, "answers": true, "ready": status.ready, "status": status })
        }
        Err(fault) => {
            json!({ "node": answer.node, "url": answer.url, "answers": false, "ready": false, "error": fault.to_string() })
        }
    };
    json!({
        "network": network.id().to_string(),
        "epoch": network.epoch(),
        "threshold": network.threshold(),
        "works": works,
        "nodes": answers.iter().map(node).collect::<Vec<_>>(),
    })
}
