//! A whole request on a local network: three nodes, each a process of its own, and a chain.

use crate::measure::{RUNS, WARM_UP, median, milliseconds};
use crate::workers::program;
use conclave_chain::anvil::{FUNDED_KEYS, funded_key};
use conclave_chain::{Account, Chain, Contracts, DEFAULT_TIMEOUT};
use conclave_client::{Ability, ActionSource, Grant, Network, Wallet};
use conclave_devnet::{DESCRIPTION_FILE, Description, DevnetConfig, READY_TIMEOUT};
use serde_json::json;
use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

const NODES: u16 = 3;
/// Of a funded account that the network itself does not use.
const USER: usize = 1;

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Median milliseconds from the client's request to its verified signature.
///
/// # Errors
/// The network does not start, or a request fails.
pub fn execute(script: &Path) -> Result<f64, Box<dyn Error>> {
    let code = std::fs::read_to_string(script)?;
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("network");
    // Some ports above a free one are free too, in all likelihood; the network says so when not.
    let mut config =
        DevnetConfig::new(NODES, free_port()?.clamp(12_000, 31_000), free_port()?, place.clone());
    config.program = Some(program("conclave")?);
    let (stop, stopped) = oneshot::channel::<()>();
    // A node ends with the thread that started it, so that thread stays until the network is
    // stopped.
    let network = std::thread::spawn(move || {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime
            .block_on(conclave_devnet::run(config, async { drop(stopped.await) }))
            .map_err(|error| error.to_string())
    });
    let begun = Instant::now();
    let description = place.join(DESCRIPTION_FILE);
    while !description.exists() && !network.is_finished() && begun.elapsed() < READY_TIMEOUT {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let measured = match std::fs::read(&description) {
        Ok(text) => {
            let description: Description = serde_json::from_slice(&text)?;
            Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()?
                .block_on(requests(&description, &code))
        }
        Err(_) => Err("the local network did not become ready".into()),
    };
    drop(stop);
    network.join().map_err(|_| "the local network panicked")??;
    measured
}

async fn requests(description: &Description, code: &str) -> Result<f64, Box<dyn Error>> {
    let chain = Chain::connect(
        &description.rpc_url,
        None,
        Contracts::Known(description.contracts),
        DEFAULT_TIMEOUT,
    )
    .await?;
    let minted = chain.mint(&Account::new(chain.rpc().clone(), funded_key(USER))).await?;
    let mut secret = [0; 32];
    hex::decode_to_slice(FUNDED_KEYS[USER], &mut secret)?;
    let network = Network::of_chain(&chain).await?;
    let grants = vec![Grant::any(Ability::PkpSigning), Grant::any(Ability::ActionExecution)];
    let session =
        network.session(&Wallet::from_secret(&secret)?, grants, Network::SESSION_LIFETIME).await?;

    let mut times = Vec::new();
    for run in 0..WARM_UP + RUNS {
        let word = format!("word {run}");
        let params = json!({ "publicKey": minted.public_key.to_string(), "word": word });
        let params = params.as_object().cloned().unwrap_or_default();
        let begun = Instant::now();
        let result = network.run(&session, ActionSource::Inline(code.to_owned()), params).await?;
        let time = milliseconds(begun.elapsed());
        if result.response != word || result.signatures.len() != 1 {
            return Err("the network answered something else".into());
        }
        if run >= WARM_UP {
            times.push(time);
        }
    }
    Ok(median(times))
}
