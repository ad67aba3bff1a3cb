//! What packages depend on, as Cargo tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree;

/// Names of a package's direct dependencies, those of its tests apart, by the package's folder.
///
/// # Panics
/// Cargo fails.
pub fn direct() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    packages.iter().map(|package| (folder(package), of_package(package))).collect()
}

fn folder(package: &Value) -> String {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let root = tree::root();
    let below = manifest.strip_prefix(&*root.to_string_lossy()).unwrap_or(manifest);
    below.trim_matches('/').trim_end_matches("/Cargo.toml").to_owned()
}

fn of_package(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let product = all.iter().filter(|dependency| dependency["kind"] != "dev");
    product.filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)).collect()
}

/// All that a package links, as it is built alone: from each name to the names it depends on.
pub struct Graph {
    root: String,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// The graph of one package of the workspace, without what only its tests use.
    ///
    /// # Panics
    /// Cargo fails.
    pub fn of(package: &str) -> Self {
        let text = cargo(&[
            "tree",
            "--locked",
            "--offline",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "depth",
            "--format",
            " {p}",
        ]);
        let mut edges = BTreeMap::<String, BTreeSet<String>>::new();
        let mut path = Vec::<String>::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let depth = words.next().and_then(|depth| depth.parse::<usize>().ok());
            let (Some(depth), Some(name)) = (depth, words.next()) else {
                panic!("cargo tree: {line}");
            };
            path.truncate(depth);
            if let Some(parent) = path.last() {
                edges.entry(parent.clone()).or_default().insert(name.to_owned());
            }
            path.push(name.to_owned());
        }
        Self { root: package.to_owned(), edges }
    }

    /// Every name that can be reached from a name, which is one of them.
    pub fn reachable_from(&self, name: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::from([name.to_owned()]);
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            for next in self.edges.get(&name).into_iter().flatten() {
                if reached.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        reached
    }

    /// Every name in the graph.
    pub fn all(&self) -> BTreeSet<String> {
        self.reachable_from(&self.root)
    }

    /// The names that directly depend on a name.
    pub fn users_of(&self, name: &str) -> BTreeSet<String> {
        let users = self.edges.iter().filter(|(_, uses)| uses.contains(name));
        users.map(|(user, _)| user.clone()).collect()
    }
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(tree::root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}
