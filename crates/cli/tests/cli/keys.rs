use super::support::{call, command, conclave, dead_devnet, write};
use std::path::Path;

fn with_rpc(folder: &Path) -> [&'static str; 5] {
    dead_devnet(folder);
    ["mint", "--rpc", "http://127.0.0.1:1", "--contracts", ".conclave/devnet.json"]
}

#[test]
fn without_a_devnet_an_account_must_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let called = conclave(folder.path(), &with_rpc(folder.path()));
    assert_eq!(called.code, 2, "{called:?}");
    assert!(
        called.stderr.contains("--key-file") && called.stderr.contains("CONCLAVE_PRIVATE_KEY"),
        "{called:?}"
    );
}

#[test]
fn the_key_may_come_from_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let called = call(
        command(folder.path())
            .args(with_rpc(folder.path()))
            .env("CONCLAVE_PRIVATE_KEY", "42".repeat(32)),
    );
    assert_eq!(called.code, 3, "the key is read and the chain is away: {called:?}");
}

#[test]
fn a_bad_key_is_refused_and_never_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = with_rpc(folder.path());
    let almost = format!("{}zz", "42".repeat(31));
    let path = write(folder.path(), "key", &almost);
    let from_file = conclave(
        folder.path(),
        &[&arguments[..], &["--key-file", path.to_str().expect("a path")]].concat(),
    );
    let from_variable =
        call(command(folder.path()).args(arguments).env("CONCLAVE_PRIVATE_KEY", &almost));
    for called in [from_file, from_variable] {
        assert_eq!(called.code, 1, "{called:?}");
        assert!(
            called.stderr.contains("no private key") && !called.stderr.contains("4242"),
            "{called:?}"
        );
    }
}
