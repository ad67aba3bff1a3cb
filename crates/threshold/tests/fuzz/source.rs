//! The decoders are all here: the crate's own source says which there are.

use crate::decoders::{CLIENTS_AND_DISK, Decoder, PEERS};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What decodes but is not declared in the file that says so, or has a form of its own: by file and
/// name, as what it is listed.
const LISTED_AS: &[(&str, &str, &[&str])] = &[
    ("codec", "$number", &["u16", "u32", "u64"]),
    ("codec", "[u8; N]", &["[u8; 32]"]),
    ("codec", "Vec", &["Vec<PartyId>"]),
    ("group/secp256k1", "Scalar", &["<Secp256k1 as Curve>::Scalar"]),
    ("group/secp256k1", "AffinePoint", &["<Secp256k1 as Curve>::Affine"]),
    ("group/secp256k1", "ProjectivePoint", &["<Secp256k1 as Curve>::Point"]),
    (
        "group/secp256k1",
        "Uncompressed<AffinePoint>",
        &["group::Uncompressed<<Secp256k1 as Curve>::Affine>"],
    ),
    (
        "group/secp256k1",
        "Uncompressed<ProjectivePoint>",
        &["group::Uncompressed<<Secp256k1 as Curve>::Point>"],
    ),
    ("group/bls12_381", "Scalar", &["<Bls12381G1 as Curve>::Scalar"]),
    ("group/bls12_381", "G1Affine", &["<Bls12381G1 as Curve>::Affine"]),
    ("group/bls12_381", "G1Projective", &["<Bls12381G1 as Curve>::Point"]),
    (
        "group/bls12_381",
        "Uncompressed<G1Affine>",
        &["group::Uncompressed<<Bls12381G1 as Curve>::Affine>"],
    ),
    (
        "group/bls12_381",
        "Uncompressed<G1Projective>",
        &["group::Uncompressed<<Bls12381G1 as Curve>::Point>"],
    ),
    ("ids", "$name", &["RequestKey", "NameHash", "Digest", "EpochDigest"]),
    ("key", "KeyShare", &["Stored<Secp256k1>", "Stored<Bls12381G1>"]),
    ("bls/signature", "SignatureShare", &["LinkedShare"]),
    ("bls/message", "Identity", &["Text"]),
    ("bls/message", "Session", &["Text"]),
    ("bls/message", "Token", &["Text"]),
];

/// The macro that makes a decoder of every message.
const MACRO: (&str, &str) = ("codec", "$name");

/// One decoder in the source.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Found {
    /// Its path under `src`, without the ending.
    file: String,
    name: String,
    /// Over any curve.
    generic: bool,
}

fn sources(folder: &Path, under: &str, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let name = format!("{under}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            sources(&entry.path(), &format!("{name}/"), out);
        } else if let Some(name) = name
            .strip_suffix(".rs")
            .filter(|name| !name.ends_with("tests") && !name.contains("tests/"))
        {
            let source = fs::read_to_string(entry.path()).unwrap();
            out.push((
                name.to_owned(),
                source.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned(),
            ));
        }
    }
}

/// Structs in `messages!` blocks, `impl Decode for`, and functions that read a type from bytes or
/// text in a form of its own.
fn found() -> BTreeSet<Found> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    let mut all = BTreeSet::new();
    for (file, source) in files {
        let (mut in_messages, mut of) = (false, "");
        for line in source.lines() {
            let code = line.trim_start();
            if line == "messages! {" || line == "}" {
                in_messages = line != "}";
            }
            let declared =
                code.split_once("struct ").filter(|_| in_messages && !code.starts_with("//"));
            let decodes = code.split_once("Decode for ").filter(|_| code.starts_with("impl"));
            if line.starts_with("impl") {
                of = code
                    .split_once("> ")
                    .filter(|_| code.starts_with("impl<"))
                    .map_or(code.trim_start_matches("impl "), |split| split.1);
            }
            let reads = ["pub fn read(", "pub fn decode(", "pub fn parse("]
                .iter()
                .any(|start| code.starts_with(start));
            let Some(written) = declared.or(decodes).map(|split| split.1).or(reads.then_some(of))
            else {
                continue;
            };
            let written = written.trim_end_matches('{').trim();
            let generic = written.ends_with("<C: Curve>") || written.ends_with("<C>");
            let name = if generic || written == "Vec<T>" {
                written.split('<').next().unwrap()
            } else {
                written
            };
            let name = name.split(" $(").next().unwrap().to_owned();
            all.insert(Found { file: file.clone(), name, generic });
        }
    }
    all
}

/// Every listed decoder that is `found`.
fn listed(found: &Found) -> usize {
    let Found { file, name, generic } = found;
    let all = || PEERS.iter().chain(CLIENTS_AND_DISK);
    if let Some((.., names)) =
        LISTED_AS.iter().find(|(in_file, of, _)| (*in_file, *of) == (file, name))
    {
        return names
            .iter()
            .filter(|name| all().any(|decoder| spaceless(decoder) == name.replace(' ', "")))
            .count()
            / names.len();
    }
    let path = format!("conclave_threshold::{}::{name}", file.replace('/', "::"));
    let curves = ["Secp256k1", "Bls12381G1"];
    let is_it = |decoder: &&Decoder| {
        let full_name = (decoder.full_name)();
        full_name == path
            || curves.iter().any(|curve| {
                full_name.starts_with(&format!("{path}<"))
                    && full_name.ends_with(&format!("{curve}>"))
            })
    };
    all().filter(is_it).count() / if *generic { curves.len() } else { 1 }
}

fn spaceless(decoder: &Decoder) -> String {
    decoder.name.replace(' ', "")
}

#[test]
fn every_decoder_of_the_crate_is_fuzzed_once() {
    let found = found();
    let missing: Vec<_> = found
        .iter()
        .filter(|found| (found.file.as_str(), found.name.as_str()) != MACRO && listed(found) != 1)
        .collect();
    assert!(missing.is_empty(), "name these in PEERS or CLIENTS_AND_DISK, each once: {missing:?}");
    for (file, name, _) in LISTED_AS.iter().copied().chain([(MACRO.0, MACRO.1, [].as_slice())]) {
        assert!(
            found.iter().any(|found| (found.file.as_str(), found.name.as_str()) == (file, name)),
            "no {name} in {file}.rs any more"
        );
    }
    assert!(found.len() >= 60, "{} decoders found", found.len());
}
