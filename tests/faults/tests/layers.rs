//! A network on a machine whose kernel lacks a layer of the isolation of actions: a filter answers
//! in the kernel's stead.

use conclave_faults::process::{command_line, is_alive, signal};
use conclave_faults::{Site, User, until};
use rustix::process::Signal;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use serde_json::Map;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

const READY_WITHIN: Duration = Duration::from_secs(120);
const STOPS_WITHIN: Duration = Duration::from_secs(20);
/// The node that is started anew.
const NODE: u16 = 2;

/// Stopped as by Ctrl-C when the test ends, however it ends.
struct Started(Child);

impl Started {
    fn stop(&mut self) -> ExitStatus {
        signal(self.0.id(), Signal::INT);
        self.0.wait().unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            self.stop();
        }
    }
}

/// Starts a program for which there is no landlock.
fn start_without_landlock(mut command: Command) -> Started {
    let rules = BTreeMap::from([(libc::SYS_landlock_create_ruleset, Vec::new())]);
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, unknown, arch).unwrap().try_into().unwrap();
    // A filter holds for the thread that takes it on and for what that thread starts.
    let starter = std::thread::spawn(move || {
        apply_filter(&filter).unwrap();
        command.spawn().unwrap()
    });
    Started(starter.join().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_devnet_without_a_layer_says_so_in_one_line_and_runs_actions() {
    let site = Site::new();
    let told = site.scratch().join("told.txt");
    let mut command = site.devnet_command();
    command
        .stdout(File::create(site.scratch().join("printed.txt")).unwrap())
        .stderr(File::create(&told).unwrap());
    let mut devnet = start_without_landlock(command);
    until("the network is ready", READY_WITHIN, async || {
        assert!(
            devnet.0.try_wait().unwrap().is_none(),
            "the network ended: {}",
            fs::read_to_string(&told).unwrap()
        );
        site.running().is_some()
    })
    .await;

    let said = fs::read_to_string(&told).unwrap();
    let warnings: Vec<_> = said.lines().filter(|line| line.starts_with("warning:")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("landlock"), "{warnings:?}");

    let user = User::new(&site.running().unwrap(), 1).await;
    let replies = user.run("Lit.Actions.setResponse({ response: 'ran' })", Map::new()).await;
    assert!(replies.iter().all(|reply| reply.response() == Some("ran")), "{replies:?}");

    assert!(devnet.stop().success(), "{}", fs::read_to_string(&told).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_a_layer_ends_with_a_sentence_that_names_it_unless_its_operator_has() {
    let site = Site::new();
    let devnet = site.start(&[]);
    let told = site.scratch().join("told.txt");
    let line = command_line(devnet.pid(NODE));
    // A local network names all layers itself. And a node that ends with whoever started it would
    // end with the thread that does it here.
    let named = |at: usize| {
        line[at] == "--allow-actions-without" || at > 0 && line[at - 1] == "--allow-actions-without"
    };
    let arguments: Vec<_> = (1..line.len())
        .filter(|at| !named(*at) && line[*at] != "--stop-with-parent")
        .map(|at| &line[at])
        .collect();
    signal(devnet.pid(NODE), Signal::KILL);
    until("the node is gone", STOPS_WITHIN, async || !is_alive(devnet.pid(NODE))).await;
    let start = |more: &[&str]| {
        let mut command = Command::new(&line[0]);
        command
            .args(&arguments)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&told).unwrap());
        start_without_landlock(command)
    };

    let mut refused = start(&[]);
    until("the node ends", STOPS_WITHIN, async || refused.0.try_wait().unwrap().is_some()).await;
    assert!(!refused.0.wait().unwrap().success());
    let said = fs::read_to_string(&told).unwrap();
    let reason = "this machine lacks layers of isolation that actions need: landlock.";
    assert!(said.contains(reason) && said.contains("--allow-actions-without"), "{said}");

    let _node = start(&["--allow-actions-without", "landlock"]);
    let user = User::new(&devnet, 1).await;
    user.until_all_are_ready().await;
    let replies = user.run("Lit.Actions.setResponse({ response: 'ran' })", Map::new()).await;
    assert!(
        replies.iter().all(|reply| reply.response() == Some("ran")),
        "{replies:?}, {}",
        fs::read_to_string(&told).unwrap()
    );
}
