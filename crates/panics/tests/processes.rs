//! What a panic does to a process that has the hook.

use std::path::PathBuf;
use std::process::{Command, Output};

use conclave_panics::EXIT_CODE;

/// Built by cargo with the tests of this crate.
fn panicking(arguments: &[&str]) -> Output {
    let here = std::env::current_exe().expect("this test has a path");
    let built: PathBuf =
        here.ancestors().nth(2).expect("a target folder").join("examples/panicking");
    Command::new(built).args(arguments).env_remove("RUST_BACKTRACE").output().expect("it starts")
}

fn assert_ended(output: &Output, line: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(EXIT_CODE), "{said}");
    assert!(said.contains("panicked at crates/panics/examples/panicking.rs:"), "{said}");
    assert!(said.trim_end().ends_with(line), "{said}");
    assert!(output.stdout.is_empty(), "it went on");
}

#[test]
fn a_panic_of_a_thread_that_nobody_looks_at_ends_the_process() {
    assert_ended(&panicking(&["thread"]), ": a literal");
}

#[test]
fn a_panic_of_a_task_ends_the_process() {
    assert_ended(&panicking(&["task"]), ": a literal");
    assert_ended(&panicking(&["blocking"]), ": a literal");
}

#[test]
fn values_in_a_message_are_not_printed() {
    let output = panicking(&["formatted", "tooth-comb"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(EXIT_CODE), "{said}");
    assert!(said.contains("panicked at crates/panics/examples/panicking.rs:"), "{said}");
    assert!(!said.contains("tooth-comb"), "{said}");
}

#[test]
fn a_contained_panic_is_silent_and_the_next_one_still_ends_the_process() {
    let output = panicking(&["contained"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"survived\n");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_ended(&panicking(&["after-contained"]), ": another literal");
}
