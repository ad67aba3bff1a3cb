//! Measures the threshold protocols: beside published crates, as the network grows, and part by
//! part.

mod bars;
mod blsful;
mod cait_sith;
mod costs;
mod dkls23;
mod frost;
mod growth;
mod machine;
mod measure;
mod meter;
mod ours;
mod page;
mod profile;
mod report;
mod sides;
mod tables;

use machine::Machine;
use report::{COSTS, Costs, GROWTH, Measured, PROFILE, Profile, SIDES, save};
use std::io;
use std::process::ExitCode;

fn main() -> io::Result<ExitCode> {
    let mode = std::env::args().nth(1).unwrap_or("sides".into());
    let machine = Machine::this();
    let mut good = true;
    match mode.as_str() {
        "sides" => {
            let report = Measured { machine, lines: sides::measure() };
            println!("{}", tables::sides(&report));
            good = bars::deciding(&report.lines).iter().all(|verdict| verdict.holds);
            save(SIDES, &report)?;
        }
        "growth" => {
            let report = Measured { machine, lines: growth::measure() };
            println!("{}", tables::growth(&report));
            save(GROWTH, &report)?;
        }
        "profile" => {
            let report = Profile { machine, parts: profile::measure() };
            println!("{}", tables::profile(&report));
            save(PROFILE, &report)?;
        }
        "costs" => {
            let microseconds = costs::measure();
            for (name, cost) in &microseconds {
                println!("{cost:>10.1}  {name}");
            }
            // A simulator's table; the page does not show it.
            save(COSTS, &Costs::of(&machine, microseconds))?;
            return Ok(ExitCode::SUCCESS);
        }
        "page" => {}
        other => {
            return Err(io::Error::other(format!(
                "no such mode: {other}; there are sides, growth, profile, costs and page"
            )));
        }
    }
    page::write()?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
