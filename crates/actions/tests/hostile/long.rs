//! The same scripts, with a watch: how soon each is dead after its deadline, and what honest actions notice of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::corpus::{DEADLINE, Script, corpus};
use crate::{World, processes};

/// How much longer than its time any script may have a process.
const GRACE: Duration = Duration::from_millis(250);

/// Honest actions for each figure.
const HONEST_ACTIONS: usize = 7500;

/// Honest actions begin this often.
const HONEST_EVERY: Duration = Duration::from_millis(20);

/// Waits until the processes of the pool are as many as when it began: its worker stands ready.
async fn until_ready(count: usize) -> Vec<u32> {
    loop {
        let all = processes::descendants();
        if all.len() == count && all.iter().all(|&id| processes::is_running(id)) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Runs a script on the one worker that stands ready. Returns the time from the hand-over until that worker was dead.
async fn until_dead(world: &World, script: &Script, count: usize) -> Result<Duration, String> {
    let before = until_ready(count).await;
    let begun = Instant::now();
    let death = async {
        // The worker that stood ready is the one of these that dies.
        while before.iter().all(|&id| processes::is_running(id)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        begun.elapsed()
    };
    let (result, took) = tokio::join!(world.run(script), death);
    result.map(|()| took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes: every script alone, from the hand-over until its worker is dead"]
async fn long_every_worker_of_a_hostile_script_is_dead_within_250_ms_of_its_deadline() {
    let _alone = processes::alone().await;
    let world = World::begin(1).await;
    world.run_an_honest_action().await.unwrap();
    let mut wrong = Vec::new();
    let mut stopped = Vec::new();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let count = processes::descendants().len();
    let all = corpus();
    // What only waits tells what the machine itself takes to stop anything.
    let waits = Script { expected: vec!["timeout".into()], ..Script::honest("setTimeout(() => {}, 86400000)") };
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(until_dead(&world, &waits, count).await.unwrap());
    }
    for script in &all {
        match until_dead(&world, script, count).await {
            Ok(took) if script.time() == DEADLINE => {
                stopped.push(took);
                if took > DEADLINE + GRACE {
                    wrong.push(format!("{}: {} ms", script.name, took.as_millis()));
                }
            }
            ended => wrong.extend(ended.err()),
        }
    }
    idle.sort();
    stopped.sort();
    let past = |sorted: &[Duration], place: usize| sorted[place].saturating_sub(DEADLINE).as_millis();
    println!(
        "long: {} scripts, {} of them with a deadline of {} ms; until the process was dead, past it: median {} ms, longest {} ms; \
         of a script that only waits: median {} ms, longest {} ms",
        all.len(),
        stopped.len(),
        DEADLINE.as_millis(),
        past(&stopped, stopped.len() / 2),
        past(&stopped, stopped.len() - 1),
        past(&idle, idle.len() / 2),
        past(&idle, idle.len() - 1)
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.end().await;
}

/// The time of each of many honest actions, shortest first.
async fn honest_actions(world: &World) -> Vec<Duration> {
    let mut ticks = tokio::time::interval(HONEST_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut all = Vec::with_capacity(HONEST_ACTIONS);
    for _ in 0..HONEST_ACTIONS {
        ticks.tick().await;
        let begun = Instant::now();
        world.run_an_honest_action().await.unwrap();
        all.push(begun.elapsed());
    }
    all.sort();
    all
}

fn percentile(sorted: &[Duration], hundredths: usize) -> Duration {
    sorted[(sorted.len() * hundredths / 100).min(sorted.len() - 1)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes: honest actions with and without hostile ones beside them"]
async fn long_honest_actions_stay_within_twice_their_idle_time_beside_hostile_ones() {
    let _alone = processes::alone().await;
    let world = Arc::new(World::begin(4).await);
    let before = processes::memory().now;
    let idle = honest_actions(&world).await;
    let over = Arc::new(AtomicBool::new(false));
    let (other, ended) = (world.clone(), over.clone());
    let hostile = tokio::spawn(async move {
        let mut runs = 0;
        for script in corpus().iter().cycle() {
            if ended.load(Ordering::Relaxed) {
                break;
            }
            other.run(script).await.unwrap();
            runs += 1;
        }
        runs
    });
    let beside = honest_actions(&world).await;
    over.store(true, Ordering::Relaxed);
    let runs = hostile.await.unwrap();
    let growth = processes::memory().highest.saturating_sub(before);
    let [idle_median, idle_p99, median, p99] =
        [(&idle, 50), (&idle, 99), (&beside, 50), (&beside, 99)].map(|(all, hundredths)| percentile(all, hundredths));
    println!(
        "long: {HONEST_ACTIONS} honest actions, idle: median {:.1} ms, p99 {:.1} ms; beside {runs} hostile ones: median {:.1} ms, \
         p99 {:.1} ms; the node's own memory grew by {} MiB",
        idle_median.as_secs_f64() * 1000.0,
        idle_p99.as_secs_f64() * 1000.0,
        median.as_secs_f64() * 1000.0,
        p99.as_secs_f64() * 1000.0,
        growth >> 20
    );
    assert!(runs >= 150 && p99 <= idle_p99 * 2);
    assert!(growth < crate::GROWTH_BYTES_MAX);
    assert_eq!(world.sink.connections(), 0);
    world.end().await;
}
