//! Rules that the compiler does not know, held by reading the crate's own source.

#![expect(clippy::disallowed_methods, reason = "it reads the source")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where a hash function may be named beside the transcript, and why: each is fixed by somebody
/// else's standard, over what a transcript or a type has already made unambiguous.
const HASHES: [(&str, &str); 5] = [
    ("transcript.rs", "the transcript itself"),
    ("ot/base.rs", "expand_message of RFC 9380, over a transcript's hash"),
    ("group/secp256k1/hash_to_curve.rs", "expand_message of RFC 9380"),
    ("derivation.rs", "hash-to-scalar of RFC 9380, which clients compute too"),
    ("bls/message.rs", "the forms that clients verify"),
];

/// Every file of the crate but its tests, with its path under `src`.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { walk(&entry, files) } else { files.push(entry) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let named = files
        .into_iter()
        .map(|path| (path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), path));
    let product = named.filter(|(name, _)| {
        !name.ends_with("tests.rs") && !name.contains("/tests/") && name != "testing.rs"
    });
    product.map(|(name, path)| (name, without_tests(&fs::read_to_string(path).unwrap()))).collect()
}

/// Unit tests stand at the end of a file.
fn without_tests(source: &str) -> String {
    source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[test]
fn only_the_transcript_hashes() {
    let hashes = [
        "sha2",
        "sha3",
        "Sha256",
        "Sha512",
        "Keccak256",
        "Sha3_256",
        "blake2",
        "blake3",
        "Hmac",
        "hmac",
        "ripemd",
        "Hkdf",
    ];
    let allowed: BTreeMap<_, _> = HASHES.into_iter().collect();
    let mut looked_at = 0;
    for (name, source) in sources() {
        looked_at += 1;
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let named: BTreeSet<_> =
            code.flat_map(words).filter(|word| hashes.contains(word)).collect();
        assert!(
            named.is_empty() || allowed.contains_key(name.as_str()),
            "{name} names {named:?}: hash through a transcript"
        );
    }
    assert!(looked_at > 30);
}

#[test]
fn every_use_of_the_transcript_has_a_tag_of_its_own() {
    let (_, source) = sources().into_iter().find(|(name, _)| name == "transcript.rs").unwrap();
    let listed = source.split_once("\ntags! {\n").unwrap().1.split_once("\n}").unwrap().0;
    let tags: Vec<_> = listed
        .lines()
        .map(|line| line.trim().split_once(" = ").expect("a name and its bytes"))
        .collect();
    assert!(tags.len() >= 28);
    for part in [
        tags.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(),
        tags.iter().map(|(_, bytes)| *bytes).collect(),
    ] {
        assert_eq!(part.len(), tags.len());
    }
}

/// The structs of a file: name, attributes before it, and fields.
fn structs(source: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut attributes = String::new();
    let mut lines = source.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if line.starts_with("#[") {
            attributes += line;
        } else if let Some((_, rest)) = line
            .split_once("struct ")
            .filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
        {
            let name = words(rest).next().unwrap_or_default().to_owned();
            let mut fields = rest.to_owned();
            while !fields.ends_with('}') && !fields.ends_with(';') {
                let Some(line) = lines.next() else { break };
                fields += line;
            }
            found.push((name, core::mem::take(&mut attributes), fields));
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    found
}

/// Attributes, without those that hold for tests alone.
fn outside_of_tests(attributes: &str) -> String {
    let of_tests = ["cfg_attr(test,", "cfg_attr(any(test, feature = \"testing\"),"];
    attributes
        .split("#[")
        .filter(|attribute| !of_tests.iter().any(|start| attribute.starts_with(start)))
        .collect()
}

#[test]
fn no_type_that_holds_a_secret_can_be_compared() {
    let (mut secret, mut comparable) = (BTreeSet::new(), BTreeSet::new());
    for (_, source) in sources() {
        for (name, attributes, fields) in structs(&source) {
            if attributes.contains("Zeroize")
                || fields.contains("Secret<")
                || fields.contains("Zeroizing<")
            {
                secret.insert(name.clone());
            }
            if words(&outside_of_tests(&attributes)).any(|word| word == "PartialEq") {
                comparable.insert(name);
            }
        }
        for line in source.lines() {
            let implemented = |of: &str| {
                line.starts_with("impl")
                    .then(|| line.split_once(of))
                    .flatten()
                    .and_then(|(_, rest)| words(rest).next())
            };
            secret.extend(
                [" Drop for ", " Zeroize for "]
                    .into_iter()
                    .filter_map(implemented)
                    .map(str::to_owned),
            );
            comparable.extend(implemented(" PartialEq for ").map(str::to_owned));
        }
    }
    for known in [
        "Secret",
        "KeyShare",
        "Contribution",
        "AliceSeeds",
        "Sender",
        "Randomness",
        "Words",
        "Envelope",
    ] {
        assert!(secret.contains(known), "{known} was not found: the search is broken");
    }
    let both: Vec<_> = secret.intersection(&comparable).collect();
    assert!(both.is_empty(), "{both:?} hold secrets and can be compared with ==");
}
