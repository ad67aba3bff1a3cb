//! Folders and files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Made by tools, and never committed.
const MADE: [&str; 6] = ["target", "node_modules", "generated", "out", "cache", "results"];

/// The folder that holds everything.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("/")).to_owned()
}

/// The text of a file, by its path below the root.
///
/// # Panics
/// The file cannot be read.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of the folders in a folder, sorted, without hidden ones and those that tools make.
///
/// # Panics
/// The folder cannot be read.
pub fn folders(folder: &str) -> Vec<String> {
    let mut names: Vec<_> = entries(&root().join(folder))
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| name(&path))
        .filter(|name| !is_made(name))
        .collect();
    names.sort();
    names
}

/// Paths below the root of all files under a folder with one of these extensions, sorted.
///
/// # Panics
/// A folder cannot be read.
pub fn files(folder: &str, extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let mut found: Vec<_> = found
        .into_iter()
        .filter(|path| {
            path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
        })
        .filter_map(|path| Some(path.strip_prefix(root()).ok()?.to_str()?.to_owned()))
        .collect();
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() && !is_made(&name(&path)) {
            walk(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()
    });
    read.unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_made(name: &str) -> bool {
    name.starts_with('.') || MADE.contains(&name)
}
