//! Other processes, as the operating system shows them.

use rustix::process::{Pid, Signal, getpid, kill_process};
use std::fs;
use std::time::Duration;

/// Within this a process that was sent a signal it cannot catch has stopped or ended.
pub const STOPPING: Duration = Duration::from_millis(100);

/// Sends a signal to the present process.
pub fn signal_self(signal: Signal) {
    kill_process(getpid(), signal).expect("a process may signal itself");
}

/// Sends a signal to a process that is there.
///
/// # Panics
/// When it is not.
pub fn signal(pid: u32, signal: Signal) {
    let id = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(id, signal)
        .unwrap_or_else(|error| panic!("process {pid} cannot be signalled: {error}"));
}

/// Its state as one letter and its parent; `None` when there is no such process.
fn state_and_parent(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the state may hold anything, parentheses included.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Whether it runs or could: it has neither ended nor is it a zombie.
pub fn is_alive(pid: u32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// Whether a signal has stopped it.
pub fn is_stopped(pid: u32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| state == 'T')
}

/// The processes whose parent it is.
pub fn children(pid: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|child| state_and_parent(*child).is_some_and(|(_, parent)| parent == pid))
        .collect()
}

/// The program and arguments that it was started with.
pub fn command_line(pid: u32) -> Vec<String> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0)
        .filter(|part| !part.is_empty())
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect()
}
