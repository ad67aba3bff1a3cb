//! Reads the mutants that `cargo mutants --list --json` names, and writes the sources so that each
//! of them is there behind a switch: `CONCLAVE_MUTANT=17` in the environment of the tests makes the
//! 17th of the list the one that is live. One build then serves all.
//!
//! `conclave-mutants FOLDER < list.json`, with the numbers of mutants to leave out as further
//! arguments. It rewrites the files under FOLDER in place and prints, as JSON, for each mutant that
//! it placed where in its new file it stands. What it cannot place (a condition with `let`, an arm
//! of a match) it leaves out.

mod place;
mod source;

use place::{Mutant, Placed};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

fn run() -> Result<Vec<Placed>, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("conclave-mutants FOLDER [NUMBER..] < list.json")?;
    let left_out = arguments.map(|number| number.parse()).collect::<Result<BTreeSet<u32>, _>>()?;
    let list: Vec<Mutant> = serde_json::from_reader(std::io::stdin())?;
    let mut files: BTreeMap<String, Vec<(u32, Mutant)>> = BTreeMap::new();
    for (number, mutant) in (1..).zip(list) {
        if !left_out.contains(&number) {
            files.entry(mutant.file.clone()).or_default().push((number, mutant));
        }
    }
    let mut all = Vec::new();
    for (file, mutants) in files {
        let path = Path::new(&folder).join(&file);
        let (text, placed) = place::place(&std::fs::read_to_string(&path)?, &mutants)?;
        std::fs::write(path, text)?;
        all.extend(placed);
    }
    Ok(all)
}

fn main() -> ExitCode {
    match run().and_then(|placed| Ok(serde_json::to_string(&placed)?)) {
        Ok(placed) => {
            println!("{placed}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("conclave-mutants: {error}");
            ExitCode::FAILURE
        }
    }
}
