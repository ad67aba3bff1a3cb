//! Every library asks for the lints of library code.

use conclave_gates::tree;

const LINTS: [&str; 4] =
    ["missing_docs", "clippy::unwrap_used", "clippy::expect_used", "clippy::indexing_slicing"];

/// The attributes of a crate that set the level of lints.
fn levels(source: &str) -> String {
    let attributes = source.split("#![").skip(1).filter_map(|rest| rest.split("]\n").next());
    let sets = |attribute: &&str| attribute.contains("warn(") || attribute.contains("deny(");
    attributes.filter(sets).collect()
}

#[test]
fn every_crate_documents_its_items_and_neither_unwraps_nor_indexes() {
    let roots = tree::folders("crates")
        .into_iter()
        .flat_map(|owner| ["lib", "main"].map(|root| format!("crates/{owner}/src/{root}.rs")));
    let mut without = Vec::new();
    for path in roots.filter(|path| tree::root().join(path).is_file()) {
        let levels = levels(&tree::read(&path));
        let lacking = LINTS.iter().filter(|lint| !levels.contains(**lint));
        without.extend(lacking.map(|lint| format!("{path}: {lint}")));
    }
    assert!(without.is_empty(), "lints are missing: {without:?}");
}

#[test]
fn an_attribute_that_allows_a_lint_does_not_ask_for_it() {
    assert_eq!(levels("#![allow(missing_docs)]\n#![deny(one, two)]\n"), "deny(one, two)");
}
