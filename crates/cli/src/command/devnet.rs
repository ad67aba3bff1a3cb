use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::place::DEFAULT_FOLDER;
use clap::Args;
use conclave_actions::HostPort;
use conclave_devnet::{DevnetConfig, DevnetError};
use conclave_node::chains::NamedUrl;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  conclave devnet                                      three nodes, state in ./.conclave
  conclave devnet --nodes 5 --fresh                    begin anew, with five nodes
  conclave devnet --allow-fetch localhost:9000         actions may fetch from this local server
  conclave devnet --dir b --port-base 8470 --rpc-port 8546    a second network beside the first

The line that begins with `ready` says that minting and signing work from now on. Ctrl-C stops everything; without --fresh a later start
continues with the same chain and keys. Anybody on this machine can act as any account of the devnet: it is no place for real keys.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Devnet {
    /// How many nodes, 3 to 64
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(3..=64))]
    nodes: u16,
    /// HTTP port of the first node; the others follow, mesh ports lie 100 above, the gateway's 200
    #[arg(long, value_name = "PORT", default_value_t = 7470)]
    port_base: u16,
    /// Port of the chain
    #[arg(long, value_name = "PORT", default_value_t = 8545)]
    rpc_port: u16,
    /// Where the network lives
    #[arg(long, value_name = "DIR", default_value = DEFAULT_FOLDER)]
    dir: PathBuf,
    /// Begin with an empty chain and new keys; what is in the folder is lost
    #[arg(long)]
    fresh: bool,
    /// Let actions fetch from this private address too
    #[arg(long, value_name = "HOST:PORT")]
    allow_fetch: Vec<HostPort>,
    /// A chain that actions may ask about besides the devnet's own, which they know as anvil and
    /// localhost; may be given several times
    #[arg(long, value_name = "NAME=URL")]
    chain: Vec<NamedUrl>,
}

impl Devnet {
    pub async fn run(self, _output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::listen()
            .map_err(|error| Failure::new(format!("signals cannot be received: {error}")))?;
        let config = DevnetConfig {
            fresh: self.fresh,
            allow_fetch: self.allow_fetch.iter().map(HostPort::to_string).collect(),
            chains: self
                .chain
                .iter()
                .map(|NamedUrl { name, url }| format!("{name}={url}"))
                .collect(),
            ..DevnetConfig::new(self.nodes, self.port_base, self.rpc_port, self.dir)
        };
        Ok(conclave_devnet::run(config, interrupt.wait()).await?)
    }
}

impl From<DevnetError> for Failure {
    fn from(error: DevnetError) -> Self {
        let retry_helps = matches!(&error, DevnetError::Chain(error) if error.retry_helps());
        Self::new(error.to_string()).retryable_if(retry_helps)
    }
}
