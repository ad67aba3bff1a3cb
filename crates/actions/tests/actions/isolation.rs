//! One worker, one action; and how a pool begins and ends.

use std::sync::Arc;

use conclave_actions::{Pool, PoolConfig, PoolError, RunErrorKind};

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
async fn random_numbers_differ_from_worker_to_worker() {
    let pool = Pool::start(PoolConfig { size: 3, ..config() }).await.unwrap();
    let host = Arc::new(Signer::default());
    let code = "Lit.Actions.setResponse({response: `${Math.random()} ${crypto.getRandomValues(new Uint8Array(16))}`})";
    let mut seen = std::collections::BTreeSet::new();
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
        let error = Pool::start(PoolConfig { runner: runner.into(), ..config() }).await.err().unwrap();
        assert!(matches!(&error, PoolError::Runner { runner: named, .. } if named.to_str() == Some(runner)), "{error}");
    }
    let error = Pool::start(PoolConfig { size: 0, ..config() }).await.err().unwrap();
    assert_eq!(error.to_string(), "the pool of action runners needs size to be at least 1");
}
