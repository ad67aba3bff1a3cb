//! The same scripts, with a watch: how soon each is dead after its deadline, and what honest
//! actions notice of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;

use crate::corpus::{DEADLINE, Script, corpus};
use crate::{World, processes};

/// How much longer than its time any script may have a process.
const GRACE: Duration = Duration::from_millis(250);

/// Honest actions beside the scripts of each class, and as many beside none.
const HONEST_ACTIONS: usize = 500;

/// Honest actions begin this often.
const HONEST_EVERY: Duration = Duration::from_millis(20);

/// Hostile actions begin this often at most: thirty times as often as a thousand in an hour.
const HOSTILE_EVERY: Duration = Duration::from_millis(100);

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

/// Runs a script on the one worker that stands ready. Returns the time from the hand-over until
/// that worker was dead.
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
    let waits = Script {
        expected: vec!["timeout".into()],
        ..Script::honest("setTimeout(() => {}, 86400000)")
    };
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
    let past =
        |sorted: &[Duration], place: usize| sorted[place].saturating_sub(DEADLINE).as_millis();
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

/// The time of each of so many honest actions, shortest first: from when it was due, whether or not
/// those before it have ended.
async fn honest_actions(world: &Arc<World>, count: usize) -> Vec<Duration> {
    let mut ticks = tokio::time::interval(HONEST_EVERY);
    let mut running = JoinSet::new();
    for _ in 0..count {
        let due = ticks.tick().await;
        let world = world.clone();
        running.spawn(async move {
            world.run_an_honest_action().await.unwrap();
            due.elapsed()
        });
    }
    let mut all = running.join_all().await;
    all.sort();
    all
}

/// Runs scripts one after another, again and again, until it is told to end: no sooner than
/// [`HOSTILE_EVERY`]. Returns how often it ran one.
fn hostile_actions(
    world: &Arc<World>,
    scripts: Vec<Script>,
    over: &Arc<AtomicBool>,
) -> JoinHandle<usize> {
    let (world, over) = (world.clone(), over.clone());
    tokio::spawn(async move {
        let mut runs = 0;
        let mut ticks = tokio::time::interval(HOSTILE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for script in scripts.iter().cycle() {
            ticks.tick().await;
            if over.load(Ordering::Relaxed) {
                break;
            }
            world.run(script).await.unwrap();
            runs += 1;
        }
        runs
    })
}

fn milliseconds(sorted: &[Duration], hundredths: usize) -> f64 {
    sorted[(sorted.len() * hundredths / 100).min(sorted.len() - 1)].as_secs_f64() * 1000.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes: honest actions with and without hostile ones beside them"]
async fn long_honest_actions_stay_within_twice_their_idle_time_beside_hostile_ones() {
    let _alone = processes::alone().await;
    let world = Arc::new(World::begin(4).await);
    let before = processes::memory().now;
    let mut classes = BTreeMap::<String, Vec<Script>>::new();
    for script in corpus() {
        classes.entry(script.class().to_owned()).or_default().push(script);
    }
    // Between them, so that what the machine does besides falls upon both.
    let (mut idle, mut beside, mut runs, mut slowest) =
        (Vec::new(), Vec::new(), 0, (0.0, String::new()));
    for (class, scripts) in classes {
        idle.extend(honest_actions(&world, HONEST_ACTIONS).await);
        let over = Arc::new(AtomicBool::new(false));
        let hostile = hostile_actions(&world, scripts, &over);
        let times = honest_actions(&world, HONEST_ACTIONS).await;
        over.store(true, Ordering::Relaxed);
        runs += hostile.await.unwrap();
        let p99 = milliseconds(&times, 99);
        println!("{class}: median {:.1} ms, p99 {p99:.1} ms", milliseconds(&times, 50));
        if p99 > slowest.0 {
            slowest = (p99, class);
        }
        beside.extend(times);
    }
    idle.sort();
    beside.sort();
    let growth = processes::memory().highest.saturating_sub(before);
    let (idle_p99, p99) = (milliseconds(&idle, 99), milliseconds(&beside, 99));
    println!(
        "long: {} honest actions, idle: median {:.1} ms, p99 {idle_p99:.1} ms; as many beside {runs} hostile ones: median {:.1} ms, \
         p99 {p99:.1} ms (of those beside {}, the slowest class, {:.1} ms); the node's own memory grew by {} MiB",
        idle.len(),
        milliseconds(&idle, 50),
        milliseconds(&beside, 50),
        slowest.1,
        slowest.0,
        growth >> 20
    );
    assert!(runs >= 150 && p99 <= idle_p99 * 2.0);
    assert!(growth < crate::GROWTH_BYTES_MAX);
    assert_eq!(world.sink.connections(), 0);
    world.end().await;
}
