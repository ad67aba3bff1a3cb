//! The processes that this one has started, and the memory that it takes itself.

use std::fs;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

/// For a test that looks at all processes or at the memory of this one: no other does meanwhile,
/// and the greatest memory begins anew.
pub async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    let alone = ALONE.lock().await;
    fs::write("/proc/self/clear_refs", "5").unwrap();
    alone
}

/// Bytes of this process.
pub struct Memory {
    pub now: u64,
    /// The most that it took since the test has begun.
    pub highest: u64,
}

pub fn memory() -> Memory {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    };
    Memory { now: bytes("VmRSS"), highest: bytes("VmHWM") }
}

/// A process as the kernel lists it.
struct Process {
    id: u32,
    parent: u32,
    is_zombie: bool,
}

fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before it may hold anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let is_zombie = fields.next()? == "Z";
    Some(Process { id, parent: fields.next()?.parse().ok()?, is_zombie })
}

pub fn is_running(id: u32) -> bool {
    process(id).is_some_and(|process| !process.is_zombie)
}

/// Those that descend from this one, the dead that nobody has buried included.
pub fn descendants() -> Vec<u32> {
    let listed = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let all: Vec<_> = listed.filter_map(process).collect();
    let mut found = vec![std::process::id()];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(
            all.iter().filter(|process| process.parent == parent).map(|process| process.id),
        );
        next += 1;
    }
    found.split_off(1)
}

/// Fails when some are still there long after all were killed.
pub async fn until_none_is_left() {
    let begun = Instant::now();
    loop {
        let left = descendants();
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "processes {left:?} are left");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
