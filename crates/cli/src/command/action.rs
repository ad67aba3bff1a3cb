use super::grantee::MAX_CODE_FILE;
use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::files::read_text;
use crate::output::{Output, failures_json};
use crate::place::{PlaceOptions, nodes};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  conclave action add guard.js
  conclave run --cid $(conclave action add guard.js)

The CID is that of IPFS: the same code has the same CID everywhere. The nodes' operators say which accounts may store actions; on a devnet
all of its accounts may.";

#[derive(Subcommand)]
pub enum Action {
    /// Store an action on the nodes and print its CID
    Add(Add),
}

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Add {
    /// File with the code
    file: PathBuf,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

impl Action {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(output).await,
        }
    }
}

impl Add {
    async fn run(self, output: &Output) -> Result<(), Failure> {
        let code = read_text(&self.file, MAX_CODE_FILE)?;
        let place = self.place.find()?;
        let wallet = self.account.key(&place)?.wallet()?;
        let network = nodes(&place.chain().await?).await?;
        output.progress(&format!(
            "storing {} bytes on {} nodes",
            code.len(),
            network.nodes().len()
        ));
        let stored = network.store_action(&wallet, code.to_string()).await?;
        output.warn(&stored.failures);
        let cid = stored.cid.to_string();
        output.result(&cid, json!({ "cid": cid, "nodes": stored.nodes, "failures": failures_json(&stored.failures) }));
        Ok(())
    }
}
