//! The nodes' keys, and how they become members on chain.

use crate::error::DevnetError;
use crate::folder::{Folder, Network};
use conclave_chain::anvil::funded_key;
use conclave_chain::{Account, Chain, Contracts, NewMember, Rpc, U256, deploy};
use conclave_keystore::{DerivationCost, Passphrase};
use conclave_node::identity;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;

/// What a node's account gets for the gas of registering keys, in wei.
const NODE_FUNDS: u128 = 10_000_000_000_000_000_000;

pub const PASSPHRASE_FILE: &str = "passphrase";

/// Mesh ports lie this far above HTTP ports.
const MESH_OFFSET: u16 = 100;

pub fn http_address(port_base: u16, number: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port_base + number - 1)
}

fn mesh_address(port_base: u16, number: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port_base + MESH_OFFSET + number - 1)
}

/// Makes a node's folder with a passphrase and fresh keys.
fn make_node(folder: &Path, number: u16) -> Result<identity::PublicIdentity, DevnetError> {
    let failed = |error| DevnetError::Folder { path: folder.into(), error };
    fs::create_dir_all(folder).map_err(failed)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| DevnetError::Entropy(error.to_string()))?;
    let text = hex::encode(secret);
    fs::write(folder.join(PASSPHRASE_FILE), &text).map_err(failed)?;
    let passphrase =
        Passphrase::new(text).map_err(|error| DevnetError::Entropy(error.to_string()))?;
    // The passphrase is random: making each guess at it dear would only make every start slow.
    identity::create(folder, &passphrase, DerivationCost::THROW_AWAY)
        .map_err(|error| DevnetError::Identity { node: number, error })
}

/// Deploys the contracts, registers the nodes, gives them gas and starts the first epoch.
pub async fn found(
    folder: &Folder,
    rpc: &Rpc,
    nodes: u16,
    port_base: u16,
) -> Result<Network, DevnetError> {
    let mut members = Vec::new();
    for number in 1..=nodes {
        let public = make_node(&folder.node(number), number)?;
        members.push(NewMember {
            address: public.address,
            http: http_address(port_base, number),
            mesh: mesh_address(port_base, number),
            identity: public.identity,
        });
    }
    let deployer = Account::new(rpc.clone(), funded_key(0));
    let contracts = deploy(&deployer, &members).await?;
    for member in &members {
        deployer.send_value(member.address, U256::from(NODE_FUNDS)).await?;
    }
    let chain = Chain::new(rpc.clone(), Contracts::Known(contracts)).await?;
    chain.start(&deployer).await?;
    let network = Network { nodes, port_base, contracts };
    folder.remember(&network)?;
    Ok(network)
}
