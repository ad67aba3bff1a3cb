//! What the nodes of a request do together, and what they look up on chains.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn gives_a_value_to_all_nodes_and_gets_theirs() {
    // This test's node answers with what it was given.
    assert_eq!(
        value("await Lit.Actions.broadcastAndCollect({name: 'n', value: 'v'})").await,
        json!(["n", "v"])
    );
    for wrong in ["{name: 5, value: 'v'}", "{value: 'v'}", ""] {
        let code = format!("await Lit.Actions.broadcastAndCollect({wrong})");
        assert!(message(failure(&code).await).contains("must be a string"), "{wrong}");
    }
}

/// Runs the function when it is this node's turn; returns what it returned there, and the ends of
/// turns that the node saw.
async fn turn(run: &str) -> (Value, Vec<(String, String)>) {
    let signer = Arc::new(Signer::default());
    let code = format!(
        "Lit.Actions.setResponse({{response: JSON.stringify(await Lit.Actions.runOnce({{waitForResponse: true, name: 'mine'}}, {run}))}})"
    );
    let outcome = run_for(action(&code), signer.clone()).await.unwrap();
    let ended = signer.ended.lock().unwrap().clone();
    (outcome.response.parse().unwrap(), ended)
}

#[tokio::test]
async fn runs_a_function_once_for_all_and_tells_what_it_brought() {
    for (run, result) in [
        ("async () => 'text'", "text"),
        ("() => 5n", "5"),
        ("async () => ({a: 1})", "[object Object]"),
        ("async () => {}", ""),
        ("async () => { throw new Error('no') }", "[ERROR]"),
        ("() => { throw new Error('no') }", "[ERROR]"),
    ] {
        assert_eq!(
            turn(run).await,
            (json!(result), vec![("mine".to_owned(), result.to_owned())]),
            "{run}"
        );
    }
}

#[tokio::test]
async fn logs_why_the_function_that_ran_for_all_failed() {
    let code = "await Lit.Actions.runOnce({name: 'mine'}, async () => { throw new RangeError('too far') })";
    let logs = run(action(code)).await.unwrap().logs;
    assert!(logs.starts_with("Error running function: RangeError: too far\n"), "{logs}");
}

#[tokio::test]
async fn takes_what_another_node_brought_and_runs_nothing() {
    let code = "
        let ran = false
        const run = async () => { ran = true; return 'here' }
        const waited = await Lit.Actions.runOnce({waitForResponse: true, name: 'theirs'}, run)
        const left = await Lit.Actions.runOnce({waitForResponse: false, name: 'theirs'}, run)
        const unnamed = await Lit.Actions.runOnce({waitForResponse: true}, run)
        Lit.Actions.setResponse({response: JSON.stringify([waited, left === undefined, unnamed, ran])})";
    assert_eq!(
        response(code).await.parse::<Value>().unwrap(),
        json!(["theirs", true, "default_bc_id", false])
    );
    assert!(
        message(failure("await Lit.Actions.runOnce({name: 'mine'})").await)
            .contains("needs a function")
    );
}

#[tokio::test]
async fn a_result_without_text_is_empty_and_logged() {
    let signer = Arc::new(Signer::default());
    let code = "await Lit.Actions.runOnce({name: 'mine'}, () => Object.create(null))";
    let logs = run_for(action(code), signer.clone()).await.unwrap().logs;
    assert!(
        logs.starts_with("The result of the function has no form as text: TypeError"),
        "{logs}"
    );
    assert_eq!(*signer.ended.lock().unwrap(), [("mine".to_owned(), String::new())]);
}

#[tokio::test]
async fn a_result_that_no_message_carries_is_an_error_for_all() {
    const MAX: usize = 100 << 10;
    let run_once = async |length: usize| {
        let signer = Arc::new(Signer::default());
        let code =
            format!("await Lit.Actions.runOnce({{name: 'mine'}}, () => 'x'.repeat({length}))");
        let result = run_for(action(&code), signer.clone()).await;
        let ended = signer
            .ended
            .lock()
            .unwrap()
            .iter()
            .map(|(_, result)| result.clone())
            .collect::<Vec<_>>();
        (result, ended)
    };
    let (result, ended) = run_once(MAX).await;
    result.unwrap();
    assert_eq!(ended, ["x".repeat(MAX)]);
    for (length, refusal) in
        [(MAX + 1, "has at most 102400 bytes"), (3 << 20, "the request is too long")]
    {
        let (result, ended) = run_once(length).await;
        let thrown = message(result.unwrap_err().kind);
        assert!(thrown.contains(refusal), "{thrown}");
        assert_eq!(ended, ["[ERROR]"], "the others do not wait");
    }
}

#[tokio::test]
async fn asks_chains_in_the_words_of_the_script() {
    // This test's node answers with the question.
    for (call, question) in [
        (
            "callContract({chain: 'c', txn: '0xab'})",
            json!({"CallContract": {"chain": "c", "transaction": "0xab"}}),
        ),
        (
            "getLatestNonce({chain: 'c', address: '0x1'})",
            json!({"LatestNonce": {"chain": "c", "address": "0x1"}}),
        ),
        (
            "getLatestNonce({chain: 'c', address: new Uint8Array(20).fill(0xab)})",
            json!({"LatestNonce": {"chain": "c", "address": format!("0x{}", "ab".repeat(20))}}),
        ),
        ("getRpcUrl({chain: 'c'})", json!({"RpcUrl": {"chain": "c"}})),
        (
            "isPermittedAction({tokenId: '0x1', ipfsId: 'Qm'})",
            json!({"IsPermittedAction": {"token_id": "0x1", "cid": "Qm"}}),
        ),
        (
            "isPermittedAddress({tokenId: 7, address: '0x1'})",
            json!({"IsPermittedAddress": {"token_id": "7", "address": "0x1"}}),
        ),
        (
            "isPermittedAuthMethod({tokenId: 2n ** 70n, authMethodType: 6, userId: new Uint8Array([1, 255])})",
            json!({"IsPermittedAuthMethod": {"token_id": "1180591620717411303424", "auth_method_type": "6", "user_id": [1, 255]}}),
        ),
        ("getPermittedActions({tokenId: '1'})", json!({"PermittedActions": {"token_id": "1"}})),
        (
            "getPermittedAddresses({tokenId: ethers.BigNumber.from('0x100')})",
            json!({"PermittedAddresses": {"token_id": "256"}}),
        ),
        (
            "getPermittedAuthMethods({tokenId: '1'})",
            json!({"PermittedAuthMethods": {"token_id": "1"}}),
        ),
        (
            "getPermittedAuthMethodScopes({tokenId: '1', authMethodType: '2', userId: [3]})",
            json!({"PermittedAuthMethodScopes": {"token_id": "1", "auth_method_type": "2", "user_id": [3], "max_scope_id": 100}}),
        ),
        (
            "getPermittedAuthMethodScopes({tokenId: '1', authMethodType: 2, userId: [3], maxScopeId: 4})",
            json!({"PermittedAuthMethodScopes": {"token_id": "1", "auth_method_type": "2", "user_id": [3], "max_scope_id": 4}}),
        ),
    ] {
        assert_eq!(value(&format!("await Lit.Actions.{call}")).await, question, "{call}");
    }
}

#[tokio::test]
async fn names_the_argument_that_no_chain_could_answer_to() {
    for (call, expected) in [
        ("callContract({chain: 'c'})", "txn must be a string"),
        ("getLatestNonce({address: '0x1'})", "chain must be a string"),
        ("getLatestNonce({chain: 'c', address: new Uint8Array(19)})", "address must be a string"),
        ("getRpcUrl()", "chain must be a string"),
        ("isPermittedAction({ipfsId: 'Qm'})", "tokenId must be a number"),
        ("isPermittedAddress({tokenId: {}, address: '0x1'})", "tokenId must be a number"),
        (
            "isPermittedAuthMethod({tokenId: '1', authMethodType: 1, userId: 'user'})",
            "userId must be bytes",
        ),
        ("isPermittedAuthMethod({tokenId: '1', userId: []})", "authMethodType must be a number"),
        (
            "getPermittedAuthMethodScopes({tokenId: '1', authMethodType: 1, userId: [], maxScopeId: -1})",
            "maxScopeId must be",
        ),
        (
            "getPermittedAuthMethodScopes({tokenId: '1', authMethodType: 1, userId: [], maxScopeId: 2 ** 32})",
            "maxScopeId must be",
        ),
        ("call({params: {}})", "ipfsId must be a string"),
        ("call({ipfsId: 'Qm', params: [1]})", "params must be an object"),
        ("call({ipfsId: 'Qm', params: 'text'})", "params must be an object"),
    ] {
        assert!(
            message(failure(&format!("await Lit.Actions.{call}")).await).contains(expected),
            "{call}"
        );
    }
}
