//! What a worker costs. Run alone, on a machine with nothing else to do:
//! `cargo test --release -p conclave-actions --test actions -- --ignored --nocapture measure::`

use std::sync::Arc;
use std::time::{Duration, Instant};

use conclave_actions::{Limits, Pool, PoolConfig};

use crate::processes::Named;
use crate::support::*;

const RUNS: usize = 300;

#[tokio::test]
#[ignore = "measures, and proves nothing"]
async fn what_a_worker_costs() {
    let named = Named::new();
    let pool = Pool::start(PoolConfig { size: 4, ..named.config() }).await.unwrap();
    let host = Arc::new(Signer::default());
    for worker in named.settled(4).await {
        println!("private memory of an idle worker: {} KiB", worker.private_kib());
    }

    let mut single: Vec<_> = Vec::new();
    for _ in 0..RUNS {
        named.settled(4).await;
        let start = Instant::now();
        pool.run(action("1"), host.clone()).await.unwrap();
        single.push(start.elapsed());
    }
    single.sort();
    println!(
        "a trivial action, with a worker that stands ready: least {:?}, median {:?}, 90 % within {:?}",
        single[0],
        single[RUNS / 2],
        single[RUNS * 9 / 10]
    );

    let start = Instant::now();
    for _ in 0..RUNS {
        pool.run(action("1"), host.clone()).await.unwrap();
    }
    println!(
        "trivial actions in a row, workers replaced: {:.0} per second",
        RUNS as f64 / start.elapsed().as_secs_f64()
    );
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    let mut late = Duration::ZERO;
    for _ in 0..20 {
        let start = Instant::now();
        pool.run(with_limits("Array(2 ** 32 - 1).join()", limits.clone()), host.clone())
            .await
            .unwrap_err();
        late = late.max(start.elapsed().saturating_sub(limits.time));
    }
    println!("past its deadline, of 20 loops that never look up: at most {late:?}");
    pool.shutdown().await;

    let pool = Pool::start(PoolConfig { size: 1, ..named.config() }).await.unwrap();
    let start = Instant::now();
    for _ in 0..RUNS {
        // Two in a row: the second waits for a new worker.
        pool.run(action("1"), host.clone()).await.unwrap();
    }
    println!("with one worker at a time: {:?} from one to the next", start.elapsed() / RUNS as u32);
    pool.shutdown().await;
}
