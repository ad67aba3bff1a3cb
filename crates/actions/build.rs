//! Hands the ethers bundle to the compiler, or says how to make it.

use std::path::Path;

fn main() {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated/ethers.js");
    println!("cargo::rerun-if-changed={}", bundle.display());
    if bundle.is_file() {
        println!("cargo::rustc-env=ETHERS_BUNDLE={}", bundle.display());
    } else {
        println!("cargo::error=generated/ethers.js is missing: run `make setup` first");
    }
}
