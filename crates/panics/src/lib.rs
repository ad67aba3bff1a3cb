//! A panic on any thread ends the process, as a state that nobody foresaw must not be built upon.
//!
//! By a hook and not by `panic = "abort"`: the test harness needs unwinding, and so every
//! dependency would be compiled twice. The process exits and does not abort, which could leave
//! memory that holds secrets in a core file.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::process::exit;
use std::thread;

/// With which a process ends that panicked, as the standard library has it for the main thread.
pub const EXIT_CODE: i32 = 101;

thread_local! {
    static IS_CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// From now on a panic of any thread or task says where it was and ends the process with
/// [`EXIT_CODE`].
pub fn end_the_process() {
    set_hook(Box::new(|panic| {
        if IS_CONTAINED.try_with(Cell::get).unwrap_or(false) {
            return;
        }
        report(panic);
        exit(EXIT_CODE);
    }));
}

/// Only literal messages are printed. What a message was formatted from may be secret.
fn report(panic: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = match literal(panic.payload()) {
        Some(message) => format!(": {message}"),
        None => String::new(),
    };
    let mut stderr = io::stderr().lock();
    // A closed standard error must not keep the process alive.
    let _ = writeln!(stderr, "thread '{name}' panicked at {place}{message}");
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        let _ = writeln!(stderr, "{trace}");
    }
}

fn literal(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

/// The panic of [`contain`]ed code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

/// Runs this code, whose panics are expected: they end it, not the process.
///
/// For a library that asserts its invariants on a file from outside, and whose state is dropped
/// then. Threads that it starts are not contained.
///
/// # Errors
/// When it panics.
pub fn contain<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    let before = IS_CONTAINED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(code));
    IS_CONTAINED.set(before);
    result.map_err(|_| Panicked)
}
