//! Attacks that are known from other systems, many times over. Each has a size for every change
//! and, named `long_`, its full number, which `cargo test -- --ignored` runs.

mod clones;
mod equivocation;
mod forged_proofs;
mod presigning;
mod replays;
mod selective_failures;
mod skew;
mod stock;

/// Where a long test says what it did.
fn report(what: std::fmt::Arguments<'_>) {
    println!("long: {what}");
}
