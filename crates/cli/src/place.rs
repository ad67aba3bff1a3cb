//! Which network a command is about.

use crate::failure::Failure;
use crate::files::{MAX_SMALL_FILE, read_text};
use clap::Args;
use conclave_chain::{Addresses, Chain, Contracts, DEFAULT_TIMEOUT};
use conclave_client::Network;
use conclave_devnet::{DESCRIPTION_FILE, Description};
use std::path::{Path, PathBuf};

/// Where a devnet lives when nothing else is said.
pub const DEFAULT_FOLDER: &str = ".conclave";

#[derive(Args)]
#[command(next_help_heading = "Network")]
pub struct PlaceOptions {
    /// Folder of a running devnet [default: ./.conclave]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rpc", "contracts"])]
    devnet: Option<PathBuf>,
    /// JSON-RPC endpoint of the network's chain
    #[arg(long, value_name = "URL", requires = "contracts")]
    rpc: Option<String>,
    /// JSON file with the addresses of the network's contracts, by name (a devnet.json will do)
    #[arg(long, value_name = "FILE", requires = "rpc")]
    contracts: Option<PathBuf>,
}

/// A network, as the command line names it.
pub struct Place {
    pub rpc_url: String,
    pub contracts: Addresses,
    /// What `devnet.json` says, if the network is a devnet.
    pub devnet: Option<Description>,
}

impl PlaceOptions {
    pub fn find(&self) -> Result<Place, Failure> {
        if let (Some(rpc), Some(contracts)) = (&self.rpc, &self.contracts) {
            return Ok(Place {
                rpc_url: rpc.clone(),
                contracts: read_contracts(contracts)?,
                devnet: None,
            });
        }
        let folder = self.devnet.as_deref().unwrap_or(Path::new(DEFAULT_FOLDER));
        let file = folder.join(DESCRIPTION_FILE);
        if !file.exists() {
            let found =
                format!("no devnet runs in {}: there is no {}", folder.display(), file.display());
            return Err(match self.devnet {
                Some(_) => Failure::new(format!(
                    "{found}; start one with `conclave devnet --dir {}`",
                    folder.display()
                )),
                None => Failure::usage(format!(
                    "{found}; start one with `conclave devnet`, or name a network with --devnet or --rpc"
                )),
            });
        }
        let text = read_text(&file, MAX_SMALL_FILE)?;
        let devnet: Description = serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("{} is no description of a devnet: {error}", file.display()))
        })?;
        Ok(Place {
            rpc_url: devnet.rpc_url.clone(),
            contracts: devnet.contracts,
            devnet: Some(devnet),
        })
    }
}

fn read_contracts(path: &Path) -> Result<Addresses, Failure> {
    let text = read_text(path, MAX_SMALL_FILE)?;
    let failed = |error| {
        Failure::new(format!("{} does not hold the contracts' addresses: {error}", path.display()))
    };
    let mut json: serde_json::Value = serde_json::from_str(&text).map_err(failed)?;
    let addresses = match json.get_mut("contracts") {
        Some(nested) => nested.take(),
        None => json,
    };
    serde_json::from_value(addresses).map_err(failed)
}

impl Place {
    pub async fn chain(&self) -> Result<Chain, Failure> {
        let expected = self.devnet.as_ref().map(|devnet| devnet.chain_id);
        Ok(Chain::connect(
            &self.rpc_url,
            expected,
            Contracts::Known(self.contracts),
            DEFAULT_TIMEOUT,
        )
        .await?)
    }
}

/// The nodes, as the chain names them.
pub async fn nodes(chain: &Chain) -> Result<Network, Failure> {
    Ok(Network::of_chain(chain).await?)
}
