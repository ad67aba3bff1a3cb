//! Encodings of one version, by bytes: what changes them is another version.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

/// Holds each encoding to what is recorded for this version, in `snapshots/VERSION.txt` beside the
/// crate's manifest. With `RECORD_SNAPSHOTS` set, a version that has no record yet gets one; a
/// record that exists is never written again.
///
/// # Panics
/// An encoding differs, or the version has no record.
pub fn assert_pinned<N: AsRef<str>>(
    manifest_dir: &str,
    version: &str,
    encodings: impl IntoIterator<Item = (N, Vec<u8>)>,
) {
    let mut found = String::new();
    for (name, bytes) in encodings {
        found += name.as_ref();
        for line in bytes.chunks(48) {
            found += "\n    ";
            for byte in line {
                write!(found, "{byte:02x}").expect("text takes everything");
            }
        }
        found += "\n";
    }
    let file = format!("{}.txt", version.replace('/', "-"));
    let path = Path::new(manifest_dir).join("snapshots").join(&file);
    match fs::read_to_string(&path) {
        Ok(recorded) => assert_eq!(
            found, recorded,
            "the encoding changed, but its version did not: give it another, and record that"
        ),
        Err(_) if env::var_os("RECORD_SNAPSHOTS").is_some() => {
            fs::write(&path, found).expect("the record is written");
        }
        Err(error) => panic!("{file}: {error}. RECORD_SNAPSHOTS=1 records a new version"),
    }
}
