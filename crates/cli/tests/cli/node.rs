use super::support::{ADDRESS, conclave, write};

#[test]
fn init_prints_a_public_identity_once_and_never_overwrites_it() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "passphrase", "correct horse\n");
    let init = || {
        conclave(
            folder.path(),
            &["node", "init", "--dir", "data", "--passphrase-file", "passphrase", "--json"],
        )
    };
    let first = init();
    assert_eq!(first.code, 0, "{first:?}");
    let public: serde_json::Value = serde_json::from_str(&first.stdout).expect("one JSON object");
    for (field, digits) in [("identity", 64), ("address", 40)] {
        assert_eq!(public[field].as_str().map(str::len), Some(digits + 2), "{public}");
    }
    let second = init();
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.stderr.contains("already there"), "{second:?}");
    assert!(!first.stderr.contains("horse") && !second.stderr.contains("horse"));
}

#[test]
fn an_empty_passphrase_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "passphrase", "\n");
    let called = conclave(
        folder.path(),
        &["node", "init", "--dir", "data", "--passphrase-file", "passphrase"],
    );
    assert_eq!(called.code, 1, "{called:?}");
    assert!(called.stderr.contains("passphrase is empty"), "{called:?}");
}

#[test]
fn a_node_without_its_chain_ends_with_a_retryable_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "passphrase", "correct horse\n");
    let arguments = [
        "--dir",
        "data",
        "--passphrase-file",
        "passphrase",
        "--rpc",
        "http://127.0.0.1:1",
        "--resolver",
        ADDRESS,
    ];
    let called = conclave(folder.path(), &[&["node", "run"], &arguments[..]].concat());
    assert_eq!(called.code, 3, "{called:?}");
    assert!(called.stderr.contains("cannot be reached"), "{called:?}");
}
