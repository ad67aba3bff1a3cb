//! The processes in which actions run, one each.
//!
//! Started by a node with its control socket as standard input and the greatest address space as
//! the only argument. It loads the engine and ethers, shuts itself in, and forks a worker for each
//! socket that comes over the control socket. A worker shuts itself in further, says that it is
//! ready, takes one action, runs it until nothing is left to do, and says how it ended. Every limit
//! that matters is kept by the node, which kills a worker whatever it does; those that are kept
//! here only make for better messages.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod engine;
mod globals;
mod link;
mod primitives;
mod zygote;

use std::process::ExitCode;

fn main() -> ExitCode {
    conclave_panics::end_the_process();
    let Some(memory_bytes_max) = std::env::args().nth(1).and_then(|argument| argument.parse().ok())
    else {
        eprintln!("conclave-runner is started by a Conclave node");
        return ExitCode::from(2);
    };
    match zygote::serve(memory_bytes_max) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conclave-runner: {error}");
            ExitCode::FAILURE
        }
    }
}
