//! Machines have time, randomness, input and output from their callers alone. Clippy sees calls and
//! types; this sees whole modules.

use conclave_gates::source::sources;

const FORBIDDEN: [&str; 10] = [
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "getrandom",
    "OsRng",
    "tokio",
];

/// Measures time, for a campaign of tests; compiled into no node.
const MEASURES: &str = "crates/threshold/src/constant_time.rs";

#[test]
fn protocols_and_rules_name_neither_clocks_nor_threads_nor_disks_nor_sockets() {
    let machines: Vec<_> = sources()
        .into_iter()
        .filter(|source| ["threshold", "agreement"].contains(&source.owner.as_str()))
        .filter(|source| source.path != MEASURES)
        .collect();
    assert!(machines.len() > 60, "both crates are there");
    for source in machines {
        let named: Vec<_> = FORBIDDEN.iter().filter(|name| source.code.contains(**name)).collect();
        assert!(named.is_empty(), "{} names {named:?}", source.path);
    }
}
