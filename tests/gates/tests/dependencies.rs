//! The dependency rules of ARCHITECTURE.md, from what Cargo resolves.

use std::collections::BTreeSet;

use conclave_gates::dependencies::{Graph, direct};
use conclave_gates::{document, tree};

/// All that the protocols may name. An addition is a decision: each of these sees key shares.
const OF_THRESHOLD: [&str; 19] = [
    "aes",
    "blake3",
    "blst",
    "blstrs",
    "chacha20",
    "chacha20poly1305",
    "ed25519-dalek",
    "ff",
    "group",
    "hash2curve",
    "k256",
    "polyval",
    "primeorder",
    "rand_core",
    "sha2",
    "sha3",
    "subtle",
    "thiserror",
    "zeroize",
];

/// All that the rules among members may name.
const OF_AGREEMENT: [&str; 5] =
    ["conclave-threshold", "ed25519-dalek", "k256", "thiserror", "zeroize"];

/// Clocks, sockets, disks and async.
const INPUT_AND_OUTPUT: [&str; 7] =
    ["getrandom", "hyper", "mio", "redb", "reqwest", "socket2", "tokio"];

/// Where the curves bring a source of randomness or threads of their own. Neither crate calls them.
const CURVES: [&str; 3] = ["blst", "blstrs", "k256"];
const ONLY_WITH_CURVES: [&str; 3] = ["getrandom", "rand", "threadpool"];

/// For each crate with a cell under "must not know": what of it can be seen in what it links.
const UNKNOWN: [(&str, &[&str]); 10] = [
    ("threshold", &INPUT_AND_OUTPUT),
    ("agreement", &INPUT_AND_OUTPUT),
    ("wire", &["axum", "ed25519-dalek", "hyper", "k256", "redb", "reqwest", "sha2", "tokio"]),
    ("auth", &["alloy", "conclave-chain", "hyper", "mio", "redb", "reqwest", "tokio"]),
    ("chain", &["conclave-agreement", "conclave-auth", "conclave-mesh", "conclave-threshold"]),
    ("serve", &["conclave-agreement", "conclave-auth", "conclave-chain", "conclave-threshold"]),
    ("content", &["conclave-auth", "conclave-threshold", "ed25519-dalek", "k256", "rquickjs"]),
    ("actions", &["conclave-chain", "conclave-keystore", "conclave-threshold"]),
    ("keystore", &["conclave-threshold", "ed25519-dalek", "k256", "tokio"]),
    ("mesh", &["conclave-agreement", "conclave-threshold", "k256", "redb"]),
];

/// What one crate alone, or a few, may name. A crate that is not there yet names nothing.
const ONLY: [(&str, &[&str]); 9] = [
    ("redb", &["crates/keystore"]),
    ("argon2", &["crates/keystore"]),
    ("alloy", &["crates/chain", "crates/deploy"]),
    ("rquickjs", &["crates/actions"]),
    ("tokio-rustls", &["crates/mesh"]),
    ("socket2", &["crates/mesh"]),
    ("hyper", &["crates/node", "crates/serve"]),
    ("blst", &["crates/threshold"]),
    ("clap", &["crates/cli", "tests/faults"]),
];

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn threshold_and_agreement_name_what_their_lists_allow() {
    let direct = direct();
    for (folder, allowed) in
        [("crates/threshold", &OF_THRESHOLD[..]), ("crates/agreement", &OF_AGREEMENT[..])]
    {
        let found = &direct[folder];
        let beyond: Vec<_> = found.difference(&names(allowed)).cloned().collect();
        assert!(beyond.is_empty(), "{folder} depends on {beyond:?}");
        let idle: Vec<_> = names(allowed).difference(found).cloned().collect();
        assert!(idle.is_empty(), "the list for {folder} allows {idle:?}, which it does not use");
    }
}

#[test]
fn randomness_and_threads_come_to_the_protocols_with_the_curves_alone() {
    for package in ["conclave-threshold", "conclave-agreement"] {
        let graph = Graph::of(package);
        let of_curves: BTreeSet<_> =
            CURVES.iter().flat_map(|curve| graph.reachable_from(curve)).collect();
        for brought in ONLY_WITH_CURVES {
            let strange: Vec<_> = graph.users_of(brought).difference(&of_curves).cloned().collect();
            assert!(strange.is_empty(), "{package}: {brought} is used by {strange:?}");
        }
    }
}

#[test]
fn no_crate_links_what_it_must_not_know() {
    for (owner, unknown) in UNKNOWN {
        let all = Graph::of(&format!("conclave-{owner}")).all();
        assert!(all.len() > 3, "{owner} links something");
        let known: Vec<_> = unknown.iter().filter(|name| all.contains(**name)).collect();
        assert!(known.is_empty(), "{owner} links {known:?}");
    }
}

#[test]
fn every_cell_of_what_a_crate_must_not_know_has_its_rule() {
    let rows = document::table(&tree::read("ARCHITECTURE.md"), "place");
    let stated: BTreeSet<_> = rows
        .iter()
        .filter(|row| row.get(2).is_some_and(|cell| !cell.is_empty()))
        .filter_map(|row| row.first()?.trim_matches('`').strip_prefix("crates/"))
        // Not a dependency: what it is about is in the node's own modules.
        .filter(|owner| !matches!(*owner, "client" | "node"))
        .map(str::to_owned)
        .collect();
    let ruled = UNKNOWN.iter().map(|(owner, _)| (*owner).to_owned()).collect();
    assert_eq!(stated, ruled);
}

#[test]
fn what_is_for_one_crate_is_named_by_no_other() {
    for (folder, dependencies) in direct() {
        for (name, owners) in ONLY {
            assert!(
                !dependencies.contains(name) || owners.contains(&folder.as_str()),
                "{folder} depends on {name}"
            );
        }
    }
}

#[test]
fn only_the_node_opens_keystores_and_clients_link_no_node() {
    // Devnets and the command line make keystores, and start nodes.
    let makers = ["crates/cli", "crates/devnet", "crates/node", "tests/faults"];
    for (folder, dependencies) in direct() {
        let named = dependencies.contains("conclave-keystore");
        assert!(!named || makers.contains(&folder.as_str()), "{folder} depends on keystores");
    }
    let client = Graph::of("conclave-client").all();
    for of_nodes in ["conclave-actions", "conclave-keystore", "conclave-mesh", "conclave-node"] {
        assert!(!client.contains(of_nodes), "the client links {of_nodes}");
    }
}
