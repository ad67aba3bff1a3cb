//! Every library asks for the lints of library code.

use conclave_gates::tree;

const DOCUMENTED: &str = "#![warn(missing_docs)]";
const TOTAL: &str = "#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]";

#[test]
fn every_crate_documents_its_items_and_neither_unwraps_nor_indexes() {
    let without: Vec<_> = tree::folders("crates")
        .into_iter()
        .flat_map(|owner| ["lib", "main"].map(|root| format!("crates/{owner}/src/{root}.rs")))
        .filter(|path| tree::root().join(path).is_file())
        .filter(|path| {
            let source = tree::read(path);
            !source.contains(DOCUMENTED) || !source.contains(TOTAL)
        })
        .collect();
    assert!(without.is_empty(), "the lints of libraries are missing in {without:?}");
}
