//! No process ever holds a whole key: every node's memory, folder and log is searched for keys that
//! only this test puts together.

mod dump;
mod keystores;
mod needles;
mod search;

use conclave_chain::WalletKey;
use conclave_faults::process::children;
use conclave_faults::saboteur::planted_scalar;
use conclave_faults::{Devnet, Fault, NODES, Site, User, Verdict};
use dump::dump;
use needles::Needle;
use search::Searcher;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The node with a known scalar in its memory.
const PLANTED: u16 = 3;
/// Key generations during which memories are copied, and in how many attempts that must succeed.
const GENERATIONS: usize = 3;
const MAX_GENERATIONS: usize = 10;
const GENERATION_TIMEOUT: Duration = Duration::from_secs(120);
/// Beyond this many copies of all memories the search would take too long.
const MAX_ROUNDS: usize = 24;

/// A copy of one process's memory at one moment.
struct Copy {
    whose: String,
    node: Option<u16>,
    path: PathBuf,
    bytes: u64,
}

/// Copies of all processes' memories, in the order in which they were made.
struct Copies {
    folder: PathBuf,
    made: Vec<Copy>,
}

impl Copies {
    /// Copies the memory of every node and of every process that a node has started.
    fn make(&mut self, devnet: &Devnet) {
        for node in 1..=NODES {
            let pid = devnet.pid(node);
            self.add(format!("node {node}"), Some(node), pid);
            for runner in children(pid) {
                self.add(format!("runner {runner} of node {node}"), None, runner);
            }
        }
    }

    fn add(&mut self, whose: String, node: Option<u16>, pid: u32) {
        let path = self.folder.join(format!("{}.memory", self.made.len()));
        let copied = dump(pid, &path).unwrap_or_else(|error| {
            panic!("the memory of {whose} (process {pid}) cannot be read, so nothing can be said about it: {error}; this test needs root")
        });
        match copied {
            // A runner may end at any moment.
            0 => assert!(node.is_none(), "{whose} has no memory"),
            bytes => self.made.push(Copy { whose, node, path, bytes }),
        }
    }
}

/// Mints, so that the nodes generate another key, and copies memories until the chain has one more
/// batch of keys. Returns how many times.
async fn copy_during_a_key_generation(copies: &mut Copies, devnet: &Devnet, user: &User) -> usize {
    let before = user.chain.batch_count().await.unwrap();
    user.mint().await;
    let deadline = Instant::now() + GENERATION_TIMEOUT;
    let mut rounds = 0;
    while user.chain.batch_count().await.unwrap() == before {
        assert!(
            Instant::now() < deadline,
            "no keys were generated within {} s",
            GENERATION_TIMEOUT.as_secs()
        );
        if rounds < MAX_ROUNDS {
            copies.make(devnet);
            rounds += 1;
        } else {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    println!("a batch of keys, {rounds} copies of all memories meanwhile");
    rounds
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Signs without pause until told to stop. Returns how often it succeeded.
async fn keep_signing(
    user: Arc<User>,
    key: WalletKey,
    stop: Arc<AtomicBool>,
    signed: Arc<AtomicUsize>,
) {
    while !stop.load(Ordering::Relaxed) {
        match user.sign(&key).await.verdict() {
            Verdict::Signed(_) => drop(signed.fetch_add(1, Ordering::Relaxed)),
            Verdict::Retryable => (),
            Verdict::Wrong(why) => panic!("{why}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_ever_holds_a_whole_key() {
    let site = Site::new();
    let devnet = site.start(&[(PLANTED, Fault::Plant)]);
    let user = Arc::new(User::new(&devnet, 1).await);
    let minted = user.mint().await;
    let (stop, signed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let signing =
        tokio::spawn(keep_signing(user.clone(), minted.public_key, stop.clone(), signed.clone()));

    let mut copies = Copies { folder: site.scratch(), made: Vec::new() };
    let older = keystores::whole_keys(&site);
    let mut watched = 0;
    for _ in 0..MAX_GENERATIONS {
        if watched < GENERATIONS
            && copy_during_a_key_generation(&mut copies, &devnet, &user).await > 0
        {
            watched += 1;
        }
    }
    assert_eq!(watched, GENERATIONS, "keys are generated faster than memories are copied");
    let before = signed.load(Ordering::Relaxed);
    let deadline = Instant::now() + GENERATION_TIMEOUT;
    while signed.load(Ordering::Relaxed) < before + 5 {
        assert!(Instant::now() < deadline, "signing does not go on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    copies.make(&devnet);
    stop.store(true, Ordering::Relaxed);
    signing.await.unwrap();

    let keys = keystores::whole_keys(&site);
    let names = |keys: &[keystores::WholeKey]| {
        keys.iter().map(|key| key.name.clone()).collect::<BTreeSet<_>>()
    };
    let generated = names(&keys).difference(&names(&older)).count();
    println!(
        "{} keys put together, {generated} of them generated while copies were made; {} signatures",
        keys.len(),
        signed.load(Ordering::Relaxed)
    );
    assert!(generated > 0 && names(&keys).contains(&hex::encode(minted.public_key.uncompressed())));

    let planted = needles::of_scalar("the planted scalar", &planted_scalar());
    let shares: Vec<Needle> = keystores::shares_of(&site, minted.public_key.uncompressed())
        .iter()
        .flat_map(|(node, share)| needles::of_scalar(&format!("the share of node {node}"), share))
        .collect();
    let searcher = Searcher::new(keys.iter().flat_map(|key| key.needles.clone()).collect());
    let controls = Searcher::new(planted.into_iter().chain(shares).collect());

    let mut found = Vec::new();
    let mut planted_in = BTreeSet::new();
    let mut bytes = 0;
    for copy in &copies.made {
        bytes += copy.bytes;
        found.extend(
            searcher
                .search(&copy.path)
                .into_iter()
                .map(|needle| format!("{needle} in the memory of {}", copy.whose)),
        );
        let controls = controls.search(&copy.path);
        if controls.iter().any(|needle| needle.contains("planted")) {
            planted_in.insert(copy.whose.clone());
        }
    }
    let last = copies.made.iter().rev().filter(|copy| copy.node.is_some()).take(usize::from(NODES));
    for copy in last {
        println!(
            "{}: {} bytes at the end, with {:?}",
            copy.whose,
            copy.bytes,
            controls.search(&copy.path)
        );
    }
    let files: Vec<PathBuf> = files_below(&site.network_folder());
    let file_bytes: u64 = files.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    for path in &files {
        found.extend(
            searcher
                .search(path)
                .into_iter()
                .map(|needle| format!("{needle} in {}", path.display())),
        );
    }
    // Straight to the terminal: what was searched is worth knowing even when nothing was found.
    let account = format!(
        "searched {bytes} bytes in {} copies of memories and {file_bytes} bytes in {} files for {} forms of {} keys",
        copies.made.len(),
        files.len(),
        searcher.needles(),
        keys.len()
    );
    writeln!(io::stderr(), "{account}").unwrap();
    assert_eq!(
        planted_in,
        BTreeSet::from([format!("node {PLANTED}")]),
        "the search finds what is there, and only where it is"
    );
    assert!(copies.made.iter().any(|copy| copy.node.is_none()), "no runner was searched");
    assert_eq!(found, Vec::<String>::new());
}
