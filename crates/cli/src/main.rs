//! `conclave`: start a local network or a node, mint and grant keys, sign, run actions.
//!
//! Each command stands in a module of its own under [`command`] and does three things: read its
//! arguments, call the library that does the work, say what came of it. It deliberately knows
//! nothing of protocols, and takes no private key from the command line, where other users of the
//! machine would see it.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod account;
mod arguments;
mod command;
mod failure;
mod files;
mod interrupt;
mod output;
mod pkp;
mod place;

use arguments::Arguments;
use clap::Parser;
use failure::Failure;
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    conclave_panics::end_the_process();
    let Arguments { json, command } = Arguments::parse();
    // The HTTP clients and the links take the process-wide provider; there is only this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let output = Output::new(json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return output
                .fail(&Failure::new(format!("the program cannot start its threads: {error}")));
        }
    };
    match runtime.block_on(command.run(&output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}
