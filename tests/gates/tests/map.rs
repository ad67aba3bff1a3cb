//! The map in ARCHITECTURE.md is the tree.

use std::collections::BTreeSet;

use conclave_gates::{document, tree};

/// Every row's place, without a slash at its end.
fn places() -> Vec<String> {
    let rows = document::table(&tree::read("ARCHITECTURE.md"), "place");
    let places = rows.into_iter().filter_map(|row| row.into_iter().next());
    places.map(|place| place.trim_matches(['`', '/']).to_owned()).collect()
}

#[test]
fn every_folder_is_a_row_or_is_made_of_rows() {
    let places: BTreeSet<_> = places().into_iter().collect();
    assert!(places.len() > 12, "the map has rows");
    let mut missing = Vec::new();
    for folder in tree::folders("") {
        if places.contains(&folder) {
            continue;
        }
        let parts = tree::folders(&folder).into_iter().map(|part| format!("{folder}/{part}"));
        missing.extend(parts.filter(|part| !places.contains(part)));
    }
    assert!(missing.is_empty(), "ARCHITECTURE.md has no row for {missing:?}");
}

#[test]
fn every_row_is_a_folder_and_stands_once() {
    let places = places();
    let made = ["generated"];
    let gone: Vec<_> = places
        .iter()
        .filter(|place| !tree::root().join(place).is_dir() && !made.contains(&place.as_str()))
        .collect();
    assert!(gone.is_empty(), "ARCHITECTURE.md speaks of {gone:?}");
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len());
}

#[test]
fn the_readme_names_no_folder_that_is_not_there() {
    for row in document::table(&tree::read("README.md"), "place") {
        for place in row.first().into_iter().flat_map(|cell| cell.split(", ")) {
            let place = place.trim_matches('`');
            let (before, parts) = match place.split_once('{') {
                Some((before, parts)) => (before, parts.trim_end_matches('}')),
                None => ("", place),
            };
            for part in parts.split(',') {
                assert!(tree::root().join(before).join(part).is_dir(), "{before}{part}");
            }
        }
    }
}
