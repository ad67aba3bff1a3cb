use super::support::{KEY, conclave, dead_devnet, write};

#[test]
fn without_a_network_the_command_line_is_incomplete_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["mint"][..], &["status"], &["sign", KEY, "--message", "x"]] {
        let called = conclave(folder.path(), arguments);
        assert_eq!(called.code, 2, "{called:?}");
        assert!(called.stderr.contains("no devnet runs in .conclave"), "{called:?}");
        assert!(called.stderr.contains("start one with `conclave devnet`"), "{called:?}");
    }
}

#[test]
fn a_named_devnet_that_does_not_run_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let called = conclave(folder.path(), &["status", "--devnet", "elsewhere"]);
    assert_eq!(called.code, 1, "{called:?}");
    assert!(called.stderr.contains("conclave devnet --dir elsewhere"), "{called:?}");
}

#[test]
fn a_damaged_description_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for text in ["", "{}", "{\"rpcUrl\":1}", "not JSON"] {
        write(folder.path(), ".conclave/devnet.json", text);
        let called = conclave(folder.path(), &["mint"]);
        assert_eq!(called.code, 1, "{called:?}");
        assert!(called.stderr.contains("devnet.json is no description of a devnet"), "{called:?}");
    }
}

#[test]
fn a_chain_that_does_not_answer_is_worth_a_retry_and_says_so_in_json_too() {
    let folder = tempfile::tempdir().expect("a folder");
    dead_devnet(folder.path());
    for arguments in [&["mint"][..], &["status"], &["sign", KEY, "--message", "x"]] {
        let called = conclave(folder.path(), arguments);
        assert_eq!((called.code, called.stdout.as_str()), (3, ""), "{called:?}");
        assert!(called.stderr.contains("trying again may help"), "{called:?}");

        let called = conclave(folder.path(), &[arguments, &["--json"]].concat());
        let object: serde_json::Value =
            serde_json::from_str(&called.stdout).expect("one JSON object");
        assert_eq!((called.code, &object["error"]["retryable"]), (3, &true.into()), "{called:?}");
        assert!(
            object["error"]["message"]
                .as_str()
                .is_some_and(|text| text.contains("cannot be reached")),
            "{called:?}"
        );
    }
}

#[test]
fn contracts_are_read_from_their_file_or_from_a_devnet_s_description() {
    let folder = tempfile::tempdir().expect("a folder");
    dead_devnet(folder.path());
    write(folder.path(), "bad.json", "{\"Staking\": \"0x12\"}");
    let key = write(folder.path(), "key", &"42".repeat(32));
    let key = key.to_str().expect("a path");
    let with = |contracts: &str| {
        conclave(
            folder.path(),
            &["mint", "--rpc", "http://127.0.0.1:1", "--contracts", contracts, "--key-file", key],
        )
    };
    let called = with("bad.json");
    assert_eq!(called.code, 1, "{called:?}");
    assert!(
        called.stderr.contains("bad.json does not hold the contracts' addresses"),
        "{called:?}"
    );
    // Read, and then the chain is not there.
    assert_eq!(with(".conclave/devnet.json").code, 3);
}
