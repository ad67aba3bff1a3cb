//! Workers of one pool, without a network around them.

use crate::measure::{RUNS, WARM_UP, median, memory_of, milliseconds, until};
use crate::peer::Deno;
use conclave_actions::{
    Action, Answer, AuthContext, ChainQuery, Host, HostError, Limits, Pool, PoolConfig,
    SignRequest, Turn,
};
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Warm workers while single actions are timed: enough that one is always ready.
const WARM: usize = 4;

/// Actions of the measurement of the rate, and how many are under way at a time.
const MANY: usize = 2000;
const AT_A_TIME: usize = 8;

/// Between two timed actions, so that the worker that is taken has been ready for a while.
const PAUSE: Duration = Duration::from_millis(10);

/// A node that is asked for nothing.
struct Nobody;

fn nothing<'a, T: Send + 'a>() -> Answer<'a, T> {
    let refused = HostError {
        code: "NotHere".to_owned(),
        message: "there is no network here".to_owned(),
        retryable: false,
    };
    Box::pin(async { Err(refused) })
}

impl Host for Nobody {
    fn sign<'a>(&'a self, _: &'a str, _: SignRequest) -> Answer<'a, ()> {
        nothing()
    }

    fn sign_and_combine<'a>(&'a self, _: &'a str, _: SignRequest) -> Answer<'a, String> {
        nothing()
    }

    fn code<'a>(&'a self, _: &'a str) -> Answer<'a, String> {
        nothing()
    }

    fn ask_chain(&self, _: ChainQuery) -> Answer<'_, String> {
        nothing()
    }

    fn collect<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, Vec<String>> {
        nothing()
    }

    fn take_turn<'a>(&'a self, _: &'a str, _: String, _: bool) -> Answer<'a, Turn> {
        nothing()
    }

    fn end_turn<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, ()> {
        nothing()
    }
}

/// The folder of this program, where the others were built too.
pub fn program(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let here = std::env::current_exe()?;
    Ok(here.parent().unwrap_or(Path::new("")).join(name))
}

fn action(code: String) -> Action {
    Action {
        code,
        cid: "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o".to_owned(),
        params: serde_json::Map::new(),
        auth: AuthContext::default(),
        headers: Vec::new(),
        limits: Limits::default(),
    }
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

async fn pool(size: usize) -> Result<Pool, Box<dyn Error>> {
    Ok(Pool::start(PoolConfig { size, ..PoolConfig::new(program("conclave-runner")?) }).await?)
}

async fn timed(pool: &Pool, code: &str) -> Result<(f64, String), Box<dyn Error>> {
    let (action, host) = (action(code.to_owned()), Arc::new(Nobody));
    let begun = Instant::now();
    let outcome = pool.run(action, host).await?;
    Ok((milliseconds(begun.elapsed()), outcome.response))
}

/// Medians of an action on a warm worker and in a new process of deno, one run of each in turn.
///
/// # Errors
/// One of them fails, or they do not respond the same.
pub fn in_turn_with(
    deno: &Deno,
    script: &Path,
    ethers: bool,
) -> Result<(f64, f64), Box<dyn Error>> {
    let code = std::fs::read_to_string(script)?;
    runtime()?.block_on(async {
        let pool = pool(WARM).await?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for run in 0..WARM_UP + RUNS {
            tokio::time::sleep(PAUSE).await;
            let (our_time, our_response) = timed(&pool, &code).await?;
            let (their_time, their_response) = deno.run(script, ethers)?;
            if our_response != their_response {
                return Err(
                    format!("deno answers {their_response}, Conclave {our_response}").into()
                );
            }
            if run >= WARM_UP {
                ours.push(our_time);
                theirs.push(their_time);
            }
        }
        pool.shutdown().await;
        Ok((median(ours), median(theirs)))
    })
}

/// Milliseconds until a used worker's successor is ready: what an action takes longer that has to
/// wait for one.
///
/// # Errors
/// An action fails.
pub fn replacement(script: &Path) -> Result<f64, Box<dyn Error>> {
    let code = std::fs::read_to_string(script)?;
    runtime()?.block_on(async {
        let pool = pool(1).await?;
        let (mut rested, mut pressed) = (Vec::new(), Vec::new());
        for run in 0..WARM_UP + RUNS {
            tokio::time::sleep(PAUSE).await;
            let warm = timed(&pool, &code).await?.0;
            let waiting = timed(&pool, &code).await?.0;
            if run >= WARM_UP {
                rested.push(warm);
                pressed.push(waiting);
            }
        }
        pool.shutdown().await;
        Ok((median(pressed) - median(rested)).max(0.0))
    })
}

/// MiB that a warm worker has for itself alone; of several the largest.
///
/// # Errors
/// No worker is found.
pub fn private_memory() -> Result<f64, Box<dyn Error>> {
    runtime()?.block_on(async {
        let pool = pool(WARM).await?;
        let mut found = Vec::new();
        until("all workers are ready", || {
            found = runners().into_iter().filter_map(memory_of).collect();
            found.len() >= WARM
        })?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut workers: Vec<f64> = runners().into_iter().filter_map(memory_of).collect();
        workers.sort_by(f64::total_cmp);
        pool.shutdown().await;
        // The one that all others are made from, if there is one, is no worker.
        workers.get(WARM - 1).copied().ok_or_else(|| "no worker is ready".into())
    })
}

/// Processes of the runner that descend from this one.
fn runners() -> Vec<u32> {
    let processes: Vec<(u32, u32, String)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|process: u32| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            let (head, rest) = stat.rsplit_once(") ")?;
            let name = head.split_once('(')?.1.to_owned();
            Some((process, rest.split(' ').nth(1)?.parse().ok()?, name))
        })
        .collect();
    let mut family = vec![std::process::id()];
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(
            processes.iter().filter(|(_, of, _)| *of == parent).map(|(process, ..)| *process),
        );
        at += 1;
    }
    let is_runner = |process: &u32| {
        processes
            .iter()
            .any(|(other, _, name)| other == process && name.starts_with("conclave-runne"))
    };
    family.into_iter().filter(is_runner).collect()
}

/// Actions per second, with the pool, its workers and all threads on one core.
///
/// # Errors
/// An action fails, or the core cannot be chosen.
pub fn rate(script: &Path) -> Result<f64, Box<dyn Error>> {
    let code = Arc::new(std::fs::read_to_string(script)?);
    let all = sched_getaffinity(None::<Pid>)?;
    let first = (0..CpuSet::MAX_CPU).find(|core| all.is_set(*core)).ok_or("there is no core")?;
    let mut one = CpuSet::new();
    one.set(first);
    // Threads and processes that are started from here on inherit it.
    sched_setaffinity(None::<Pid>, &one)?;
    let measured = runtime()?.block_on(async {
        let pool = Arc::new(pool(WARM).await?);
        let begun = Instant::now();
        let streams = (0..AT_A_TIME).map(|_| {
            let (pool, code) = (pool.clone(), code.clone());
            async move {
                for _ in 0..MANY / AT_A_TIME {
                    timed(&pool, &code).await?;
                }
                Ok::<_, Box<dyn Error>>(())
            }
        });
        futures_util::future::try_join_all(streams).await?;
        let rate = MANY as f64 / begun.elapsed().as_secs_f64();
        pool.shutdown().await;
        Ok(rate)
    });
    sched_setaffinity(None::<Pid>, &all)?;
    measured
}
