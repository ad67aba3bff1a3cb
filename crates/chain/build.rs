//! Stops the build with one sentence when the compiled contracts, which this crate embeds, are not
//! there.

use std::env;
use std::path::PathBuf;

const CONTRACTS: [&str; 6] =
    ["Staking", "PubkeyRouter", "PKPNFT", "PKPPermissions", "PKPHelper", "ContractResolver"];

fn main() {
    // Asked for when it runs: a folder that was moved is where it is now.
    let Some(here) = env::var_os("CARGO_MANIFEST_DIR") else {
        println!("cargo::error=CARGO_MANIFEST_DIR is not set: build with cargo.");
        return;
    };
    let folder = PathBuf::from(here).join("../../generated/abi");
    let files = CONTRACTS.map(|name| folder.join(name).with_extension("json"));
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    if !files.iter().all(|file| file.is_file()) {
        println!("cargo::error=Generated contract files are missing: run `make setup` first.");
    }
}
