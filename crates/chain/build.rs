//! Stops the build with one sentence when the compiled contracts, which this crate embeds, are not there.

use std::path::Path;

const CONTRACTS: [&str; 6] = ["Staking", "PubkeyRouter", "PKPNFT", "PKPPermissions", "PKPHelper", "ContractResolver"];

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated/abi");
    let files = CONTRACTS.map(|name| folder.join(name).with_extension("json"));
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    if !files.iter().all(|file| file.is_file()) {
        println!("cargo::error=Generated contract files are missing: run `make setup` first.");
    }
}
