//! Nodes that are killed and come back, a whole network that does, and nodes that are fed garbage.

use conclave_chain::anvil::funded_key;
use conclave_faults::process::{command_line, is_alive, signal};
use conclave_faults::{Devnet, NODES, Reply, Site, User, until};
use conclave_wire::{ErrorCode, paths};
use rustix::process::Signal;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const VICTIM: u16 = 3;
const MAX_CALLS: usize = 40;
const DIES_WITHIN: Duration = Duration::from_secs(5);

/// A node that the test itself started, killed with the test.
struct Restarted(Child);

impl Drop for Restarted {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn restart(site: &Site, command: &[String]) -> Restarted {
    let log = File::options().append(true).open(site.node_folder(VICTIM).join("log.txt")).unwrap();
    let mut again = Command::new(&command[0]);
    again.args(&command[1..]).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    Restarted(again.spawn().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_node_comes_back_and_the_network_continues() {
    let site = Site::new();
    let devnet = site.start(&[]);
    let user = User::new(&devnet, 1).await;
    let key = user.mint().await.public_key;
    user.sign(&key).await.assert_signed();

    let pid = devnet.pid(VICTIM);
    let command = command_line(pid);
    signal(pid, Signal::KILL);
    until("the node is dead", DIES_WITHIN, async || !is_alive(pid)).await;
    for _ in 0..5 {
        user.sign(&key).await.assert_signed();
    }

    let restarted = restart(&site, &command);
    user.until_all_are_ready().await;
    for calls in 1.. {
        assert!(calls <= MAX_CALLS, "node {VICTIM} took part in none of {MAX_CALLS} calls");
        let call = user.sign(&key).await;
        call.assert_signed();
        if call.replies[usize::from(VICTIM) - 1].is_share() {
            break;
        }
    }
    assert!(is_alive(restarted.0.id()));
}

/// With its memory it would leave its shares on disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_node_that_dies_leaves_a_core_dump() {
    let site = Site::new();
    let devnet = site.start(&[]);
    for node in 1..=NODES {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", devnet.pid(node))).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let numbers: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
        assert_eq!(numbers, ["0", "0"], "node {node}: {core}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_devnet_continues_with_the_same_chain_and_keys() {
    let site = Site::new();
    let devnet = site.start(&[]);
    let first = User::new(&devnet, 1).await;
    let minted = first.mint().await;
    first.sign(&minted.public_key).await.assert_signed();
    let (contracts, block) =
        (devnet.description.contracts, first.chain.latest_block().await.unwrap().number);
    devnet.stop();

    let devnet = site.start(&[]);
    assert_eq!(devnet.description.contracts, contracts);
    let (first, second) = (User::new(&devnet, 1).await, User::new(&devnet, 2).await);
    assert!(first.chain.latest_block().await.unwrap().number >= block);
    first.sign(&minted.public_key).await.assert_signed();
    assert_refused(&second, &minted.public_key).await;

    first
        .chain
        .transfer(&first.account, minted.public_key.token_id(), funded_key(2).address())
        .await
        .unwrap();
    second.sign(&minted.public_key).await.assert_signed();
    assert_refused(&first, &minted.public_key).await;
}

async fn assert_refused(user: &User, key: &conclave_chain::WalletKey) {
    let call = user.sign(key).await;
    for reply in &call.replies {
        assert!(
            matches!(reply, Reply::Refused(body) if body.code() == Some(ErrorCode::NodePKPNotAuthorized)),
            "{call}"
        );
    }
}

/// Bytes without pattern, the same in every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Sends the pieces and waits a moment for whatever comes back. The other side may close at any
/// time.
async fn throw(port: u16, pieces: &[&[u8]]) {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    for piece in pieces {
        if stream.write_all(piece).await.is_err() {
            return;
        }
    }
    let mut answer = [0; 4_096];
    let _ = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut answer)).await;
}

/// The start of a TLS record with a handshake in it, of this length.
const TLS_RECORD: [u8; 5] = [22, 3, 1, 0x40, 0];

async fn throw_garbage(port: u16) {
    for seed in 0..8 {
        let noise = noise(u64::from(port) << 8 | seed, 100_000);
        throw(port, &[&noise]).await;
        throw(port, &[&TLS_RECORD, &noise]).await;
        for path in
            [paths::PKP_SIGN_V1, paths::EXECUTE_V1, paths::STORE_ACTION, paths::HANDSHAKE[0]]
        {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\nx-request-id: garbage\r\ncontent-length: {}\r\n\r\n",
                noise.len()
            );
            throw(port, &[head.as_bytes(), &noise]).await;
            throw(port, &[head.as_bytes(), &noise[..100]]).await;
            let nested = "[".repeat(noise.len());
            throw(port, &[head.as_bytes(), nested.as_bytes()]).await;
        }
        throw(port, &[b"GET / HTTP/1.1\r\n", &b"a: b\r\n".repeat(20_000)]).await;
        throw(port, &[b"POST /web/execute/v1 HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n"]).await;
    }
}

fn port_of(devnet: &Devnet, node: u16) -> u16 {
    devnet.url(node).rsplit(':').next().unwrap().parse().unwrap()
}

/// A devnet's mesh ports lie this far above its HTTP ports.
const MESH_OFFSET: u16 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_live_and_sign_after_garbage_on_all_their_ports() {
    let site = Site::new();
    let devnet = site.start(&[]);
    let user = User::new(&devnet, 1).await;
    let key = user.mint().await.public_key;
    for node in 1..=NODES {
        let port = port_of(&devnet, node);
        tokio::join!(throw_garbage(port), throw_garbage(port + MESH_OFFSET));
    }
    for node in 1..=NODES {
        assert!(is_alive(devnet.pid(node)), "node {node} has ended");
        assert!(user.status(devnet.url(node)).await.is_some(), "node {node} does not answer");
    }
    user.until_all_are_ready().await;
    user.sign(&key).await.assert_signed();
}
