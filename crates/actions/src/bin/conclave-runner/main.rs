//! The process in which one action runs.
//!
//! Started by a node with a socket as its standard input and the greatest address space as its only argument. It loads
//! the engine and ethers, shuts itself in, says that it is ready, takes one action, runs it until nothing is left to do,
//! and says how it ended. Every limit that matters is kept by the node, which kills this process whatever it does; those
//! that are kept here only make for better messages.

mod engine;
mod globals;
mod link;
mod primitives;
mod sandbox;

use std::process::ExitCode;

use conclave_actions::protocol::{FromRunner, ToRunner};
use engine::Engine;
use link::Link;

fn main() -> ExitCode {
    let Some(memory_bytes_max) = std::env::args().nth(1).and_then(|argument| argument.parse().ok()) else {
        eprintln!("conclave-runner is started by a Conclave node");
        return ExitCode::from(2);
    };
    match serve(memory_bytes_max) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conclave-runner: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(memory_bytes_max: u64) -> Result<(), Box<dyn std::error::Error>> {
    let link = Link::from_standard_input()?;
    sandbox::limit_resources(memory_bytes_max)?;
    // As long as the process: unwinding the engine would only free memory that the kernel takes back faster.
    let engine = Box::leak(Box::new(Engine::load(link.clone())?));
    let missing_layers = sandbox::enter()?;
    engine.rehearse()?;
    link.send(&FromRunner::Ready { missing_layers });

    let ToRunner::Start(start) = link.receive() else { return Err("the first message is not an action".into()) };
    let ended = engine.run(start);
    link.send(&FromRunner::Done(ended));
    Ok(())
}
