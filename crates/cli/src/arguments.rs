//! The command line as a whole. What a single command takes stands in its own module.

use crate::command::{action, devnet, grant, mint, node, revoke, run, sign, status, transfer};
use crate::failure::Failure;
use crate::output::Output;
use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
A first tour, with two terminals:
  conclave devnet                                    a whole network on this machine
  conclave mint                                      a key; prints its token, public key and address
  conclave sign 0x04.. --message hello               a signature by two thirds of the nodes
  conclave action add guard.js                       an action on the nodes; prints its CID
  conclave grant 0x04.. --action guard.js            lets that action sign with the key
  conclave run guard.js --params '{\"limit\": 100}'
  conclave transfer 0x04.. 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --clear

A key is named by its public key (0x04..), its token id or its Ethereum address.

Exit codes:
  0  done
  1  failed, and the same again would fail again
  2  the command line is wrong
  3  failed, and trying again later may help";

/// A network of nodes that hold wallet keys together.
#[derive(Parser)]
#[command(name = "conclave", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Arguments {
    /// Print one JSON object on standard output, for scripts
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Start a whole local network: a chain, the contracts and the nodes
    Devnet(devnet::Devnet),
    /// Make or run one node
    #[command(subcommand)]
    Node(node::Node),
    /// Mint a key
    Mint(mint::Mint),
    /// Let an action or somebody else use a key
    Grant(grant::Grant),
    /// Take a permission away
    Revoke(revoke::Revoke),
    /// Give a key to somebody else
    Transfer(transfer::Transfer),
    /// Sign with a key
    Sign(sign::Sign),
    /// Run an action
    Run(run::Run),
    /// Ask every node how it is
    Status(status::Status),
    /// Store actions on the nodes
    #[command(subcommand)]
    Action(action::Action),
}

impl Command {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Devnet(command) => command.run(output).await,
            Self::Node(command) => command.run(output).await,
            Self::Mint(command) => command.run(output).await,
            Self::Grant(command) => command.run(output).await,
            Self::Revoke(command) => command.run(output).await,
            Self::Transfer(command) => command.run(output).await,
            Self::Sign(command) => command.run(output).await,
            Self::Run(command) => command.run(output).await,
            Self::Status(command) => command.run(output).await,
            Self::Action(command) => command.run(output).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_of_all_commands_fit_together() {
        Arguments::command().debug_assert();
    }
}
