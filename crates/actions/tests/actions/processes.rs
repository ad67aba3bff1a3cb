//! What processes there are, and that each ends when it should.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conclave_actions::{Limits, Pool, PoolConfig, RunErrorKind};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::*;

/// The runner under a name that only one test uses, by which its processes are found.
pub struct Named(PathBuf);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub pid: i32,
    parent: i32,
}

impl Process {
    /// Memory that it shares with no other process.
    pub fn private_kib(self) -> u64 {
        let memory = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid)).unwrap();
        let private = memory.lines().filter(|line| {
            line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:")
        });
        private.map(|line| line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()).sum()
    }
}

impl Named {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("runner-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_conclave-runner"), &path).unwrap();
        Self(path)
    }

    pub fn config(&self) -> PoolConfig {
        PoolConfig { runner: self.0.clone(), ..config() }
    }

    fn processes(&self) -> BTreeSet<Process> {
        running(self.0.to_str().unwrap())
    }

    pub fn zygote(&self) -> Process {
        let own = i32::try_from(std::process::id()).unwrap();
        self.processes().into_iter().find(|process| process.parent == own).expect("a zygote")
    }

    pub fn workers(&self) -> BTreeSet<Process> {
        let zygote = self.zygote();
        self.processes().into_iter().filter(|process| process.parent == zygote.pid).collect()
    }

    /// Waits until there are so many workers, and returns them.
    pub async fn settled(&self, count: usize) -> BTreeSet<Process> {
        until(|| self.workers().len() == count).await;
        self.workers()
    }
}

/// The processes of the program of this name.
pub fn running(name: &str) -> BTreeSet<Process> {
    let name = format!("{name}\0");
    let numbers = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    numbers
        .filter(|pid: &i32| {
            fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line.starts_with(&name))
        })
        // Its parent is the second word after the name, which stands in parentheses. It may end
        // while it is looked at.
        .filter_map(|pid| Some((pid, fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)))
        .filter_map(|(pid, stat)| {
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some(Process { pid, parent })
        })
        .collect()
}

impl Drop for Named {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// Waits for what is to happen soon; gives up only when it clearly does not.
pub async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within 20 s");
}

fn kill(process: Process) {
    kill_process(Pid::from_raw(process.pid).unwrap(), Signal::KILL).unwrap();
}

fn seconds(seconds: u64) -> Limits {
    Limits { time: Duration::from_secs(seconds), ..Limits::default() }
}

#[tokio::test]
async fn each_action_has_a_process_that_ends_with_it_and_leaves_nothing() {
    let named = Named::new();
    let pool = Pool::start(PoolConfig { size: 2, ..named.config() }).await.unwrap();
    let zygote = named.zygote();
    for _ in 0..10 {
        let before = named.settled(2).await;
        pool.run(action("1"), Arc::new(Signer::default())).await.unwrap();
        // The one that was used may take a moment to be gone.
        until(|| named.workers() != before).await;
        let after = named.settled(2).await;
        assert_eq!(
            before.intersection(&after).count(),
            1,
            "one was used, and another stands ready"
        );
    }
    assert_eq!(named.zygote(), zygote);
    pool.shutdown().await;
    until(|| named.processes().is_empty()).await;
}

#[tokio::test]
async fn a_process_that_never_looks_up_is_gone_soon_after_its_deadline() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    let standing = named.settled(1).await;
    let endless = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let run =
        pool.run(with_limits("Array(2 ** 32 - 1).join()", endless), Arc::new(Signer::default()));
    let error =
        tokio::time::timeout(Duration::from_secs(10), run).await.expect("it ends").unwrap_err();
    assert!(matches!(error.kind, RunErrorKind::Timeout { .. }));
    until(|| named.workers().is_disjoint(&standing)).await;
    pool.shutdown().await;
}

#[tokio::test]
async fn another_zygote_takes_the_place_of_one_that_died() {
    let named = Named::new();
    let pool = Pool::start(PoolConfig { size: 2, ..named.config() }).await.unwrap();
    let host = Arc::new(Signer::default());
    let (zygote, standing) = (named.zygote(), named.settled(2).await);
    kill(zygote);
    until(|| !standing.iter().any(is_alive)).await;
    for _ in 0..4 {
        pool.run(action("1"), host.clone()).await.unwrap();
    }
    assert_ne!(named.zygote(), zygote);
    assert!(named.settled(2).await.is_disjoint(&standing));
    pool.shutdown().await;
}

#[tokio::test]
async fn an_action_whose_zygote_dies_may_be_run_again() {
    let named = Named::new();
    let pool = Arc::new(Pool::start(named.config()).await.unwrap());
    let host = Arc::new(Signer::default());
    let run = {
        let (pool, host) = (pool.clone(), host.clone());
        tokio::spawn(
            async move { pool.run(with_limits("while (true) {}", seconds(60)), host).await },
        )
    };
    // The one that runs, and the one that stands ready.
    let workers = named.settled(2).await;
    kill(named.zygote());
    let error = run.await.unwrap().unwrap_err();
    assert!(matches!(error.kind, RunErrorKind::Worker { .. }), "{error}");
    assert!(error.kind.is_retryable());
    until(|| !workers.iter().any(is_alive)).await;
    pool.run(action("1"), host).await.unwrap();
    pool.shutdown().await;
}

#[tokio::test]
async fn a_worker_that_died_while_it_stood_ready_serves_nobody() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    for worker in named.settled(1).await {
        kill(worker);
        until(|| !is_alive(&worker)).await;
    }
    pool.run(action("1"), Arc::new(Signer::default())).await.unwrap();
    pool.shutdown().await;
}

/// Not even a process that has ended and was not buried.
fn is_alive(process: &Process) -> bool {
    fs::read_to_string(format!("/proc/{}/stat", process.pid))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn a_worker_holds_its_own_socket_and_nothing_else() {
    let named = Named::new();
    let pool = Pool::start(PoolConfig { size: 3, ..named.config() }).await.unwrap();
    for worker in named.settled(3).await {
        // Its own, and no other. The last may not be ready yet.
        let sockets =
            || files_of(worker.pid).into_iter().filter(|(_, file)| file.starts_with("socket:"));
        until(|| sockets().map(|(number, _)| number).eq(["0"])).await;
        // What whoever started the tests left open stays so, out of its reach.
        let ours: Vec<_> = files_of(std::process::id()).into_iter().map(|(_, file)| file).collect();
        let other = files_of(worker.pid)
            .into_iter()
            .skip(1)
            .find(|(_, file)| file != "/dev/null" && !ours.contains(file));
        assert_eq!(other, None);
        assert_eq!(
            fs::read_to_string(format!("/proc/{}/environ", worker.pid)).unwrap(),
            "TZ=UTC0\0"
        );
    }
    pool.shutdown().await;
}

#[tokio::test]
async fn an_action_that_takes_long_gives_way_and_a_worker_that_waits_does_not() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    let priority = |worker: Process| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", worker.pid)).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(16)?.parse::<i32>().ok()
    };
    let own = priority(named.zygote());
    let standing = *named.settled(1).await.first().unwrap();
    assert_eq!(priority(standing), own);
    let run = pool.run(
        action("const end = Date.now() + 1000; while (Date.now() < end);"),
        Arc::new(Signer::default()),
    );
    let look = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        named
            .workers()
            .into_iter()
            .map(|worker| (worker == standing, priority(worker)))
            .collect::<Vec<_>>()
    };
    let (result, seen) = tokio::join!(run, look);
    result.unwrap();
    for (is_running, seen) in seen {
        assert_eq!(seen, if is_running { Some(10) } else { own });
    }
    pool.shutdown().await;
}

#[tokio::test]
async fn a_worker_may_take_no_more_of_the_machine_than_its_action_needs() {
    let named = Named::new();
    let pool =
        Pool::start(PoolConfig { memory_bytes_max: 256 << 20, ..named.config() }).await.unwrap();
    for worker in named.settled(1).await {
        let limit = |name: &str| {
            let limits = fs::read_to_string(format!("/proc/{}/limits", worker.pid)).unwrap();
            let line =
                limits.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap();
            line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
        };
        for (name, most) in [
            // The heap, and what is beside it.
            ("Max address space", (256 + 192) << 20),
            ("Max core file size", 0),
            ("Max file size", 0),
            ("Max locked memory", 0),
            ("Max msgqueue size", 0),
            ("Max open files", 1),
            ("Max processes", 0),
        ] {
            // The last ones are lowered just before it is ready.
            until(|| limit(name) == [most.to_string(), most.to_string()]).await;
        }
    }
    pool.shutdown().await;
}

/// The numbers of a process's descriptors in ascending order, and what they stand for.
fn files_of(pid: impl std::fmt::Display) -> Vec<(String, String)> {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().filter_map(|file| {
        let path = file.unwrap().path();
        // The descriptor with which the folder is read is gone by now.
        Some((
            path.file_name()?.to_str()?.to_owned(),
            fs::read_link(&path).ok()?.to_str()?.to_owned(),
        ))
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by_key(|(number, _)| number.parse::<u32>().unwrap());
    files
}

#[tokio::test]
async fn a_run_that_is_dropped_takes_its_process_along() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    let standing = named.settled(1).await;
    let run = pool.run(with_limits("while (true) {}", seconds(60)), Arc::new(Signer::default()));
    assert!(tokio::time::timeout(Duration::from_millis(50), run).await.is_err());
    until(|| named.workers().is_disjoint(&standing)).await;
    pool.shutdown().await;
}

#[tokio::test]
async fn a_runner_that_is_handed_open_files_works_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let script =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("open-files-{}", std::process::id()));
    let open: String = (3..10).map(|descriptor| format!(" {descriptor}</dev/null")).collect();
    fs::write(
        &script,
        format!("#!/bin/sh\nexec{open}\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_conclave-runner")),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let config = PoolConfig { runner: script.clone(), ..config() };
    let outcome = run_on(
        config,
        action("LitActions.setResponse({response: 'here'})"),
        Arc::new(Signer::default()),
    )
    .await;
    fs::remove_file(script).unwrap();
    assert_eq!(outcome.unwrap().response, "here");
}

#[tokio::test]
async fn many_nodes_of_one_user_start_their_runners_at_once() {
    let pools =
        futures_util::future::try_join_all((0..16).map(|_| Pool::start(config()))).await.unwrap();
    futures_util::future::join_all(pools.iter().map(Pool::shutdown)).await;
}
