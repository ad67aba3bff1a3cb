//! Every code that clients are promised is produced by something.

use conclave_wire::ErrorCode;
use std::fs;
use std::path::{Path, PathBuf};

/// Program text under `folder`: no file of tests, and of the others only what comes before their
/// tests.
fn programs(folder: &Path, found: &mut Vec<String>) {
    let entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        let of_tests = matches!(name, "tests" | "testing" | "tests.rs" | "testing.rs");
        if path.is_dir() && !of_tests {
            programs(&path, found);
        } else if name.ends_with(".rs") && !of_tests && name != "catalogue.rs" {
            let text = fs::read_to_string(&path).unwrap();
            found.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
        }
    }
}

/// Whether the text has this name, and not only a longer one that begins with it.
fn has_name(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let next = text[at + name.len()..].chars().next();
        !next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_')
    })
}

#[test]
fn every_code_of_the_catalogue_is_produced_by_some_program() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut texts = Vec::new();
    for name in ["auth", "node", "serve", "wire"] {
        programs(&crates.join(name).join("src"), &mut texts);
    }
    assert!(texts.len() > 50, "{} files were read", texts.len());
    let idle = ErrorCode::ALL.iter().filter(|code| {
        let name = format!("ErrorCode::{code:?}");
        !texts.iter().any(|text| has_name(text, &name))
    });
    assert_eq!(idle.collect::<Vec<_>>(), Vec::<&ErrorCode>::new(), "nothing produces these");
}
