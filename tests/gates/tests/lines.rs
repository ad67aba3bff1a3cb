//! Lines of at most 100 columns, where no formatter sees to it: prose and comments.

use conclave_gates::{document, tree};

const COLUMNS: usize = 100;

/// A line that has no place to break in, such as an address.
fn breaks(line: &str) -> bool {
    line.split_whitespace().all(|word| word.chars().count() < COLUMNS / 2)
}

#[test]
fn prose_keeps_within_its_columns() {
    let mut documents = tree::files("", &["md"]);
    documents.retain(|path| !path.starts_with("docs/assurance"));
    assert!(documents.len() > 8);
    for path in documents {
        for (number, line) in document::prose(&tree::read(&path)) {
            let length = line.chars().count();
            assert!(length <= COLUMNS || !breaks(line), "{path}:{number} has {length} columns");
        }
    }
}

#[test]
fn comments_keep_within_their_columns() {
    let files = tree::files("", &["rs", "sol", "mjs"]);
    assert!(files.len() > 300);
    for path in files {
        for (index, line) in tree::read(&path).lines().enumerate() {
            let length = line.chars().count();
            let comment = line.trim_start().starts_with("//");
            let long = comment && length > COLUMNS && breaks(line);
            assert!(!long, "{path}:{} has {length} columns", index + 1);
        }
    }
}
