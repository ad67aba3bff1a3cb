use crate::failure::Failure;
use crate::files::{MAX_SMALL_FILE, read_text};
use crate::output::Output;
use clap::{Args, Subcommand};
use conclave_keystore::{DerivationCost, Passphrase};
use conclave_node::identity;
use serde_json::json;
use std::path::{Path, PathBuf};

mod run;

const INIT_EXAMPLES: &str = "\
Example:
  openssl rand -hex 32 > passphrase && chmod 600 passphrase
  conclave node init --dir /var/lib/conclave --passphrase-file passphrase

Who owns the contracts registers the printed identity and address as a member. The address needs funds for the gas of registering keys.";

#[derive(Subcommand)]
pub enum Node {
    /// Make a node's data folder and keys, and print its public identity
    Init(Init),
    /// Run a node
    Run(Box<run::Run>),
}

#[derive(Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    #[command(flatten)]
    home: Home,
}

/// Where a node keeps its keys and what opens them.
#[derive(Args)]
struct Home {
    /// The node's data folder
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// File with the passphrase of the node's keystore
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
}

impl Node {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Init(command) => command.run(output),
            Self::Run(command) => command.run().await,
        }
    }
}

impl Init {
    fn run(self, output: &Output) -> Result<(), Failure> {
        let passphrase = self.home.passphrase()?;
        let public = identity::create(&self.home.dir, &passphrase, DerivationCost::STANDARD)
            .map_err(|error| Failure::new(format!("{}: {error}", self.home.dir.display())))?;
        let (key, address) = (hex::encode(public.identity), public.address.to_checksum(None));
        output.result(
            &format!("identity 0x{key}\naddress {address}"),
            json!({ "identity": format!("0x{key}"), "address": address }),
        );
        Ok(())
    }
}

impl Home {
    fn folder(&self) -> &Path {
        &self.dir
    }

    fn passphrase(&self) -> Result<Passphrase, Failure> {
        let text = read_text(&self.passphrase_file, MAX_SMALL_FILE)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Passphrase::new(line)
            .map_err(|error| Failure::new(format!("{}: {error}", self.passphrase_file.display())))
    }
}
