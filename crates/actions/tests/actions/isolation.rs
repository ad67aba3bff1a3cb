//! One worker, one action; and how a pool begins and ends.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use conclave_actions::{Pool, PoolConfig, PoolError, RunErrorKind};
use serde_json::json;

use crate::processes::{Named, Process, until};
use crate::support::*;

#[tokio::test]
async fn no_action_sees_what_an_earlier_one_left() {
    let pool = Pool::start(config()).await.unwrap();
    let host = Arc::new(Signer::default());
    let code = "
        const before = [globalThis.canary, Object.prototype.canary, ethers.canary, Lit.canary].join('')
        globalThis.canary = Object.prototype.canary = 'tenant'
        Lit.Actions.setResponse({response: `[${before}]`})";
    for _ in 0..4 {
        assert_eq!(pool.run(action(code), host.clone()).await.unwrap().response, "[]");
    }
    pool.shutdown().await;
}

#[tokio::test]
#[ignore = "long"]
async fn long_ten_thousand_actions_see_nothing_of_each_other() {
    const ACTIONS: usize = 10_000;
    let pool = Arc::new(Pool::start(PoolConfig { size: 2, ..config() }).await.unwrap());
    let host = Arc::new(Signer::default());
    // Whatever an earlier one left in a global, in what all objects inherit from, or in an object
    // that all share.
    let code = "
        const places = [globalThis, Object.prototype, Array.prototype, Promise.prototype, ethers, ethers.utils, console]
        Lit.Actions.setResponse({response: places.filter((place) => 'canary' in place).length + ' ' + Math.random()})
        for (const place of places) try { place.canary = tenant } catch {}";
    let mut numbers = BTreeSet::new();
    for tenant in 0..ACTIONS {
        let response = pool
            .run(with_params(code, json!({"tenant": tenant})), host.clone())
            .await
            .unwrap()
            .response;
        let (seen, number) = response.split_once(' ').unwrap();
        assert_eq!(seen, "0", "tenant {tenant}");
        assert!(
            numbers.insert(number.to_owned()),
            "the random numbers of two tenants are the same"
        );
    }
    pool.shutdown().await;
    println!("long: {ACTIONS} actions, 0 canaries");
}

#[tokio::test]
async fn no_process_holds_what_an_earlier_action_knew() {
    let named = Named::new();
    let pool = Arc::new(Pool::start(PoolConfig { size: 2, ..named.config() }).await.unwrap());
    let host = Arc::new(Signer::default());
    // In two parts here, so that only the actions ever hold it in one.
    let canary = |number: usize| format!("canary-of-{number}-{}", "tenant");
    for number in 0..10 {
        let params = json!({"canary": canary(number)});
        pool.run(with_params("globalThis.copy = canary.toUpperCase()", params), host.clone())
            .await
            .unwrap();
    }
    let running = {
        let (pool, host) = (pool.clone(), host.clone());
        let action = with_params("setTimeout(() => {}, 60000)", json!({"canary": canary(10)}));
        tokio::spawn(async move { pool.run(action, host).await })
    };
    let holds = |process: &Process, text: &str| {
        memory_of(process).windows(text.len()).any(|part| part == text.as_bytes())
    };
    until(|| named.workers().iter().any(|worker| holds(worker, &canary(10)))).await;
    for process in named.workers().iter().chain([&named.zygote()]) {
        for number in 0..10 {
            assert!(!holds(process, &canary(number)));
            assert!(!holds(process, &canary(number).to_uppercase()));
        }
    }
    running.abort();
    pool.shutdown().await;
}

/// Everything that a process has written to or could; nothing when it ends meanwhile.
fn memory_of(process: &Process) -> Vec<u8> {
    let folder = Path::new("/proc").join(process.pid.to_string());
    let Ok(maps) = fs::read_to_string(folder.join("maps")) else { return Vec::new() };
    let Ok(memory) = fs::File::open(folder.join("mem")) else { return Vec::new() };
    let mut all = Vec::new();
    for map in maps.lines().filter(|map| map.contains(" rw")) {
        let (start, end) =
            map.split_whitespace().next().and_then(|range| range.split_once('-')).unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut part = vec![0; usize::try_from(end - start).unwrap()];
        let length = memory.read_at(&mut part, start).unwrap_or(0);
        all.extend_from_slice(&part[..length]);
    }
    all
}

#[tokio::test]
async fn random_numbers_differ_from_worker_to_worker() {
    let pool = Pool::start(PoolConfig { size: 3, ..config() }).await.unwrap();
    let host = Arc::new(Signer::default());
    let code = "Lit.Actions.setResponse({response: `${Math.random()} ${crypto.getRandomValues(new Uint8Array(16))}`})";
    let mut seen = BTreeSet::new();
    for _ in 0..4 {
        seen.insert(pool.run(action(code), host.clone()).await.unwrap().response);
    }
    assert_eq!(seen.len(), 4);
    pool.shutdown().await;
}

#[tokio::test]
async fn dropping_a_run_frees_its_place() {
    let pool = Pool::start(PoolConfig { parallel: 1, waiting: 0, ..config() }).await.unwrap();
    let host = Arc::new(Signer::default());
    let endless = pool.run(action("while (true) {}"), host.clone());
    assert!(tokio::time::timeout(std::time::Duration::from_millis(50), endless).await.is_err());
    pool.run(action("1"), host).await.unwrap();
    pool.shutdown().await;
}

#[tokio::test]
async fn a_pool_that_is_shut_down_runs_nothing() {
    let pool = Pool::start(config()).await.unwrap();
    pool.shutdown().await;
    let error = pool.run(action("1"), Arc::new(Signer::default())).await.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Busy);
    pool.shutdown().await;
}

#[tokio::test]
async fn a_pool_without_a_runner_says_so() {
    for runner in ["/nonexistent/conclave-runner", "/bin/true"] {
        let error =
            Pool::start(PoolConfig { runner: runner.into(), ..config() }).await.err().unwrap();
        assert!(
            matches!(&error, PoolError::Runner { runner: named, .. } if named.to_str() == Some(runner)),
            "{error}"
        );
    }
    let error = Pool::start(PoolConfig { size: 0, ..config() }).await.err().unwrap();
    assert_eq!(error.to_string(), "the pool of action runners needs size to be at least 1");
}
