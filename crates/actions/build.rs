//! Hands the ethers bundle to the compiler, or says how to make it.

use std::env;
use std::path::PathBuf;

fn main() {
    // Asked for when it runs: a folder that was moved is where it is now.
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let bundle = here.join("../../generated/ethers.js");
    println!("cargo::rerun-if-changed={}", bundle.display());
    if bundle.is_file() {
        println!("cargo::rustc-env=ETHERS_BUNDLE={}", bundle.display());
    } else {
        println!("cargo::error=generated/ethers.js is missing: run `make setup` first");
    }
}
