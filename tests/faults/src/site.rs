//! A whole network in a temporary folder, for one test at a time.

use crate::fault::{ARM_VARIABLE, FAULT_VARIABLE, Fault};
use conclave_chain::{Chain, Contracts, DEFAULT_TIMEOUT};
use conclave_devnet::{DESCRIPTION_FILE, Description, DevnetConfig, DevnetError, READY_TIMEOUT};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Nodes of every network here; two of them sign together.
pub const NODES: u16 = 3;

/// Ports that one network takes from its base on, with some room.
const PORTS: u16 = 210;
/// Port bases lie from here to where the system's own choices begin.
const PORT_BASES: std::ops::Range<u16> = 12_000..32_000;

const POLL: Duration = Duration::from_millis(20);

/// Networks are heavy: the tests of one program take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A place for a network. What happens there can be stopped and continued; all of it is gone when
/// this is dropped.
pub struct Site {
    folder: TempDir,
    port_base: u16,
    rpc_port: u16,
    _turn: MutexGuard<'static, ()>,
}

/// A running network. It is stopped when this is dropped.
pub struct Devnet {
    pub description: Description,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), DevnetError>>>,
}

/// A program that was built beside the tests.
///
/// # Panics
/// When it was not.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let program = test.ancestors().nth(2).unwrap_or(Path::new("")).join(name);
    assert!(
        program.is_file(),
        "{} is missing: run `make build` before these tests",
        program.display()
    );
    program
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port_base() -> u16 {
    let used = |base: u16| {
        [0, 100, 200]
            .into_iter()
            .flat_map(move |offset| (0..NODES).map(move |node| base + offset + node))
    };
    // Programs that run at the same time begin to look at different places.
    let bases = u32::from((PORT_BASES.end - PORT_BASES.start) / PORTS);
    let candidate = |at: u32| PORT_BASES.start + ((std::process::id() + at) % bases) as u16 * PORTS;
    (0..bases).map(candidate).find(|base| used(*base).all(is_free)).expect("a free range of ports")
}

impl Default for Site {
    fn default() -> Self {
        Site::new()
    }
}

impl Site {
    /// # Panics
    /// Without a temporary folder or free ports.
    pub fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let rpc_port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|any| any.local_addr())
            .expect("a free port")
            .port();
        Site {
            folder: tempfile::tempdir().expect("a temporary folder"),
            port_base: free_port_base(),
            rpc_port,
            _turn: turn,
        }
    }

    /// The network's folder.
    pub fn network_folder(&self) -> PathBuf {
        self.folder.path().join("network")
    }

    /// The data folder of a node, by number from 1.
    pub fn node_folder(&self, node: u16) -> PathBuf {
        self.network_folder().join("nodes").join(node.to_string())
    }

    /// A place for what a test writes itself.
    pub fn scratch(&self) -> PathBuf {
        let scratch = self.folder.path().join("scratch");
        fs::create_dir_all(&scratch).expect("the folder is the test's own");
        scratch
    }

    fn arm_file(&self, node: u16) -> PathBuf {
        self.folder.path().join(format!("arm-{node}"))
    }

    /// Lets the node's fault happen at the next occasion.
    pub fn arm(&self, node: u16) {
        fs::write(self.arm_file(node), "").expect("the folder is the test's own");
    }

    /// Whether the fault has not happened yet.
    pub fn is_armed(&self, node: u16) -> bool {
        self.arm_file(node).exists()
    }

    /// A program that is a `faulty-node` with this fault. A script, because a test must not change
    /// its own environment.
    fn faulty_program(&self, node: u16, fault: Fault) -> PathBuf {
        let path = self.folder.path().join(format!("faulty-node-{node}"));
        let lines = [
            "#!/bin/sh".into(),
            format!(
                "export {FAULT_VARIABLE}='{}' {ARM_VARIABLE}='{}'",
                fault.name(),
                self.arm_file(node).display()
            ),
            format!("exec '{}' \"$@\"\n", program("faulty-node").display()),
        ];
        let written = fs::write(&path, lines.join("\n"))
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o700)));
        written.expect("the folder is the test's own");
        path
    }

    /// `conclave devnet` as somebody would start it here. It is the caller's to stop.
    pub fn devnet_command(&self) -> Command {
        let mut command = Command::new(program("conclave"));
        let [nodes, port_base, rpc_port] =
            [NODES, self.port_base, self.rpc_port].map(|number| number.to_string());
        command.args([
            "devnet",
            "--nodes",
            &nodes,
            "--port-base",
            &port_base,
            "--rpc-port",
            &rpc_port,
            "--dir",
        ]);
        command.arg(self.network_folder()).stdin(Stdio::null());
        command
    }

    /// The network that such a process has brought up.
    pub fn running(&self) -> Option<Devnet> {
        Some(Devnet { description: self.description()?, stop: None, thread: None })
    }

    fn description(&self) -> Option<Description> {
        let description = fs::read(self.network_folder().join(DESCRIPTION_FILE)).ok()?;
        Some(serde_json::from_slice(&description).expect("the devnet's own JSON"))
    }

    /// Starts or continues the network, with faults at some nodes, and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn start(&self, faults: &[(u16, Fault)]) -> Devnet {
        let mut config =
            DevnetConfig::new(NODES, self.port_base, self.rpc_port, self.network_folder());
        program("conclave-runner");
        config.program = Some(program("conclave"));
        config.node_programs = faults
            .iter()
            .map(|(node, fault)| (*node, self.faulty_program(*node, *fault)))
            .collect();
        let (stop, stopped) = oneshot::channel::<()>();
        // A node ends with the thread that started it, so that thread stays until the network is
        // stopped.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(conclave_devnet::run(config, async { drop(stopped.await) }))
        });
        let deadline = Instant::now() + READY_TIMEOUT;
        let description = loop {
            if let Some(description) = self.description() {
                break description;
            }
            if thread.is_finished() {
                panic!("the network did not start: {:?}", thread.join());
            }
            assert!(Instant::now() < deadline, "the network was not ready in time");
            std::thread::sleep(POLL);
        };
        Devnet { description, stop: Some(stop), thread: Some(thread) }
    }
}

impl Devnet {
    /// The process of a node, by number from 1.
    pub fn pid(&self, node: u16) -> u32 {
        self.description.pids[usize::from(node) - 1]
    }

    /// The URL of a node, by number from 1.
    pub fn url(&self, node: u16) -> &str {
        &self.description.nodes[usize::from(node) - 1]
    }

    /// What the network's chain says.
    pub async fn chain(&self) -> Chain {
        let contracts = Contracts::Known(self.description.contracts);
        Chain::connect(&self.description.rpc_url, None, contracts, DEFAULT_TIMEOUT)
            .await
            .expect("the devnet's chain answers")
    }

    /// Stops it in order, so that it can be continued.
    ///
    /// # Panics
    /// When it reports an error.
    pub fn stop(mut self) {
        self.end().expect("the network stops in order");
    }

    fn end(&mut self) -> Result<(), DevnetError> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(self.end());
            return;
        }
        // A second panic would hide the first.
        drop(self.stop.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}
