use super::grantee::MAX_CODE_FILE;
use super::sign::signature_json;
use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::files::{MAX_SMALL_FILE, read_text};
use crate::output::{Output, failures_json, harmless};
use crate::place::{PlaceOptions, nodes};
use clap::Args;
use conclave_client::{ActionSource, Cid, Grant, Needed, Network};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  conclave run guard.js --params '{\"limit\": 100, \"publicKey\": \"0x04..\"}'
  conclave run --cid QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7 --params-file params.json
  conclave run guard.js --json | jq -r .signatures.sig.signature

Every node runs the action by itself, with each parameter as a global. Two thirds of them must come to the same response and ask for the
same signatures.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Run {
    #[command(flatten)]
    source: Source,
    /// The action's globals, as a JSON object
    #[arg(long, value_name = "JSON", value_parser = parse_params, conflicts_with = "params_file")]
    params: Option<Map<String, Value>>,
    /// File with the action's globals, as a JSON object
    #[arg(long, value_name = "FILE")]
    params_file: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// File with the code
    file: Option<PathBuf>,
    /// CID of an action that the nodes have
    #[arg(long)]
    cid: Option<Cid>,
}

impl Run {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let (source, cid) = self.source.read()?;
        let params = self.read_params()?;
        let place = self.place.find()?;
        let wallet = self.account.key(&place)?.wallet()?;
        let chain = place.chain().await?;
        let network = nodes(&chain).await?;
        output.progress(&format!(
            "{} nodes run {cid}; {} must agree",
            network.nodes().len(),
            network.threshold()
        ));
        let needed = Needed::ActionExecution { cid: cid.to_string() };
        let session =
            network.session(&wallet, vec![Grant::only(&needed)], Network::SESSION_LIFETIME).await?;
        let result = network.run(&session, source, params).await?;
        output.warn(&result.failures);
        let mut lines = format!("response: {}\n", harmless(&result.response));
        for (name, signature) in &result.signatures {
            lines.push_str(&format!("{}: {signature}\n", harmless(name)));
        }
        if !result.logs.is_empty() {
            lines.push_str(&format!("logs:\n{}", harmless(&result.logs)));
        }
        let signatures: Map<String, Value> = result
            .signatures
            .iter()
            .map(|(name, signature)| (name.clone(), signature_json(signature).into()))
            .collect();
        output.result(
            &lines,
            json!({
                "cid": cid.to_string(),
                "response": result.response,
                "logs": result.logs,
                "signatures": signatures,
                "requestId": result.request_id.as_str(),
                "failures": failures_json(&result.failures),
            }),
        );
        Ok(())
    }

    fn read_params(&self) -> Result<Map<String, Value>, Failure> {
        let Some(path) = &self.params_file else {
            return Ok(self.params.clone().unwrap_or_default());
        };
        parse_params(&read_text(path, MAX_SMALL_FILE)?)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
    }
}

impl Source {
    fn read(&self) -> Result<(ActionSource, Cid), Failure> {
        match (&self.file, self.cid) {
            (_, Some(cid)) => Ok((ActionSource::Cid(cid.to_string()), cid)),
            (Some(path), None) => {
                let code = read_text(path, MAX_CODE_FILE)?;
                Ok((ActionSource::Inline(code.to_string()), Cid::of(code.as_bytes())))
            }
            (None, None) => Err(Failure::usage("say what to run: a file, or --cid")),
        }
    }
}

fn parse_params(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("the parameters are no JSON object: {error}"))
}
