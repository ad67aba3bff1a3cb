use super::support::{ADDRESS, KEY, conclave, dead_devnet};

#[test]
fn a_wrong_command_line_ends_with_2_and_says_nothing_on_standard_output() {
    let folder = tempfile::tempdir().expect("a folder");
    dead_devnet(folder.path());
    let digest = "ab".repeat(32);
    let cases: &[&[&str]] = &[
        &[],
        &["unknown"],
        &["sign"],
        &["sign", KEY],
        &["sign", KEY, "--digest", "abcd"],
        &["sign", KEY, "--digest", &digest, "--message", "both"],
        &["sign", "no-key", "--digest", &digest],
        &["grant", KEY],
        &["grant", KEY, "--address", ADDRESS, "--wallet", ADDRESS],
        &["grant", KEY, "--address", "0x12"],
        &["grant", KEY, "--address", ADDRESS, "--scope", "everything"],
        &["grant", KEY, "--action", "missing.js"],
        &["revoke", KEY],
        &["transfer", KEY],
        &["transfer", KEY, "0x70997970C51812dc3A010C7d01b50e0d17dc79c8"],
        &["run"],
        &["run", "--cid", "QmNo"],
        &["run", "a.js", "--params", "[]"],
        &["run", "a.js", "--params", "{"],
        &["action"],
        &["action", "add"],
        &["devnet", "--nodes", "2"],
        &["devnet", "--nodes", "65"],
        &["devnet", "--port-base", "65536"],
        &["devnet", "--allow-fetch", "localhost"],
        &["node"],
        &["node", "init"],
        &["node", "run", "--dir", "d", "--passphrase-file", "p", "--rpc", "http://127.0.0.1:1"],
        &["mint", "--rpc", "http://127.0.0.1:1"],
        &["mint", "--devnet", "d", "--rpc", "http://127.0.0.1:1", "--contracts", "c"],
        &["mint", "--account", "0", "--key-file", "k"],
        &["mint", "--account", "7"],
    ];
    // What stands before is enough.
    const NODE: &str = "node run --dir d --passphrase-file p --rpc http://127.0.0.1:1 --resolver";
    let node: Vec<_> = NODE.split(' ').chain([ADDRESS]).collect();
    for wrong in [
        ["--allow-actions-without", "sandbox"],
        ["--actions-user", "nobody"],
        ["--actions-user", "0:-1"],
    ] {
        let called = conclave(folder.path(), &[&node[..], &wrong].concat());
        assert_eq!(called.code, 2, "{wrong:?}: {called:?}");
    }
    assert_eq!(conclave(folder.path(), &node).code, 1);
    for arguments in cases {
        let called = conclave(folder.path(), arguments);
        assert_eq!(called.code, 2, "{arguments:?}: {called:?}");
        assert!(called.stdout.is_empty() && !called.stderr.is_empty(), "{arguments:?}: {called:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    dead_devnet(folder.path());
    for arguments in [
        &["run", "missing.js"][..],
        &["action", "add", "missing.js"],
        &["mint", "--key-file", "missing.js"],
    ] {
        let called = conclave(folder.path(), arguments);
        assert_eq!(called.code, 1, "{called:?}");
        assert!(called.stderr.contains("missing.js cannot be read"), "{called:?}");
    }
}
