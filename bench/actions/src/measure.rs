//! Times and what is made of them.

use std::time::{Duration, Instant};

/// Of each measurement.
pub const RUNS: usize = 200;

/// Before a measurement, for what is only done the first time.
pub const WARM_UP: usize = 10;

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Waits until `holds`.
///
/// # Errors
/// It did not within ten seconds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        if Instant::now() > deadline {
            return Err(format!("{what} did not happen"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// MiB of memory that belongs to this process alone.
pub fn memory_of(process: u32) -> Option<f64> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let kib = |line: &str| line.split_whitespace().nth(1)?.parse::<f64>().ok();
    Some(
        rollup.lines().filter(|line| line.starts_with("Private_")).filter_map(kib).sum::<f64>()
            / 1024.0,
    )
}
