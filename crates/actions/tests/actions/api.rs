//! Lit.Actions, Lit.Auth and parameters.

use std::sync::Arc;

use conclave_actions::{Action, AuthContext, AuthMethodContext, RunErrorKind, SignKind, SignRequest};
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn gives_the_last_response_that_was_set() {
    assert_eq!(response("LitActions.setResponse({response: 'a'}); Lit.Actions.setResponse({response: 'b'})").await, "b");
    assert_eq!(response("1 + 1").await, "");
    assert_eq!(response(" \n").await, "");
}

#[tokio::test]
async fn refuses_a_response_that_is_not_text() {
    assert!(message(failure("Lit.Actions.setResponse({response: {}})").await).contains("response must be a string"));
    assert!(message(failure("Lit.Actions.setResponse()").await).contains("response must be a string"));
}

#[tokio::test]
async fn hands_what_is_to_be_signed_to_the_node_as_the_script_wrote_it() {
    let signer = Arc::new(Signer::default());
    let code = "
        (async () => {
            const digest = ethers.utils.arrayify('0x' + '07'.repeat(32))
            const first = await Lit.Actions.signEcdsa({toSign: digest, publicKey: '0x04ab', sigName: 'one'})
            await LitActions.signEcdsa({toSign: Array.from(digest), publicKey, sigName: 'two'})
            await Lit.Actions.ethPersonalSignMessageEcdsa({message: 'h\u{e9}', publicKey, sigName: 'three'})
            Lit.Actions.setResponse({response: first})
        })()";
    let outcome = run_for(with_params(code, json!({"publicKey": "04cd"})), signer.clone()).await.unwrap();
    assert_eq!(outcome.response, "success");
    let raw = |key: &str, name: &str| SignRequest { kind: SignKind::Raw([7; 32]), public_key: key.into(), name: name.into() };
    let personal =
        SignRequest { kind: SignKind::PersonalMessage("h\u{e9}".into()), public_key: "04cd".into(), name: "three".into() };
    assert_eq!(*signer.signed.lock().unwrap(), [raw("0x04ab", "one"), raw("04cd", "two"), personal]);
}

#[tokio::test]
async fn refuses_to_sign_what_is_no_digest() {
    for to_sign in ["undefined", "'ab'", "new Uint8Array(31)", "new Uint8Array(33)", "Array(32).fill(256)", "{}"] {
        let code = format!("Lit.Actions.signEcdsa({{toSign: {to_sign}, publicKey: '04', sigName: 's'}})");
        assert!(message(failure(&code).await).contains("toSign must be 32 bytes"), "{to_sign}");
    }
    let code = "Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: 4, sigName: 's'})";
    assert!(message(failure(code).await).contains("publicKey must be a string"));
}

#[tokio::test]
async fn lets_a_script_catch_what_the_node_refuses() {
    let code = "
        const sign = () => Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's'})
        try { await sign() } catch (error) {
            const {message, code, retryable} = error
            Lit.Actions.setResponse({response: JSON.stringify([error instanceof Error, message, code, retryable])})
        }";
    let refusal = refusal();
    let expected = json!([true, refusal.message, refusal.code, refusal.retryable]);
    assert_eq!(response(code).await.parse::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn ends_with_the_nodes_refusal_when_the_script_does_not_catch_it() {
    let sign = "Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's'})";
    for code in [sign.to_owned(), format!("await {sign}"), format!("(async () => {{ await {sign} }})()")] {
        assert_eq!(failure(&code).await, RunErrorKind::Host(refusal()), "{code}");
    }
}

#[tokio::test]
async fn says_of_functions_to_come_that_they_are_not_offered() {
    for name in ["call", "claimKey", "encrypt", "decryptAndCombine", "runOnce", "pubkeyToTokenId"] {
        let thrown = message(failure(&format!("await Lit.Actions.{name}({{}})")).await);
        assert_eq!(thrown, format!("Error: Lit.Actions.{name} is not offered by this version"));
    }
}

#[tokio::test]
async fn tells_the_script_who_asks() {
    let auth = AuthContext {
        auth_sig_address: Some("0xAbC".into()),
        auth_method_contexts: vec![AuthMethodContext {
            user_id: "u".into(),
            app_id: "a".into(),
            auth_method_type: 6,
            used_for_sign_session_key_request: true,
        }],
        resources: vec!["r".into()],
        custom_auth_resource: "c".into(),
    };
    let code = "Lit.Actions.setResponse({response: JSON.stringify([Lit.Auth, LitAuth === Lit.Auth])})";
    let outcome = run(Action { auth, ..action(code) }).await.unwrap();
    let expected = json!([{
        "actionIpfsIds": [CID],
        "actionIpfsIdStack": [CID],
        "authSigAddress": "0xAbC",
        "authMethodContexts":
            [{"userId": "u", "appId": "a", "authMethodType": 6, "usedForSignSessionKeyRequest": true}],
        "resources": ["r"],
        "customAuthResource": "c",
    }, true]);
    assert_eq!(outcome.response.parse::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn has_no_wallet_address_when_no_wallet_asked() {
    assert_eq!(response("Lit.Actions.setResponse({response: String(Lit.Auth.authSigAddress === null)})").await, "true");
}

#[tokio::test]
async fn freezes_what_the_node_says() {
    let code = "
        'use strict'
        const attempts = [
            () => { Lit.Auth.authSigAddress = '0x' },
            () => { Lit.Auth.actionIpfsIds.push('Qm') },
            () => { Lit.Actions.signEcdsa = null },
            () => { Lit.Actions = {} },
            () => { Lit = {} },
            () => { LitActions = {} },
        ]
        const refused = attempts.map((attempt) => { try { attempt(); return false } catch { return true } })
        Lit.Actions.setResponse({response: refused.join()})";
    assert_eq!(response(code).await, ["true"; 6].join(","));
}

#[tokio::test]
async fn makes_each_parameter_a_global() {
    let code = "Lit.Actions.setResponse({response: JSON.stringify([amount, globalThis.to, nested, global === globalThis])})";
    let params = json!({"amount": 5, "to": [1, 2], "nested": {"__proto__": {"a": 1}, "b": null}});
    let outcome = run(with_params(code, params)).await.unwrap();
    assert_eq!(outcome.response.parse::<Value>().unwrap(), json!([5, [1, 2], {"__proto__": {"a": 1}, "b": null}, true]));
}

#[tokio::test]
async fn lets_a_script_declare_names_that_are_globals_already() {
    let code = "
        const LitActions = 1, ethers = 2, amount = 3, fetch = 4, console = 5
        Lit.Actions.setResponse({response: [LitActions, ethers, amount, fetch, console].join()})";
    let outcome = run(with_params(code, json!({"amount": 9}))).await.unwrap();
    assert_eq!(outcome.response, "1,2,3,4,5");
}

#[tokio::test]
async fn refuses_parameters_that_would_replace_what_the_script_relies_on() {
    for name in [
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "toString",
        "Lit",
        "LitActions",
        "LitAuth",
        "fetch",
        "ethers",
        "console",
        "setTimeout",
        "globalThis",
        "global",
        "Object",
        "JSON",
        "Date",
        "Math",
        "Promise",
        "Uint8Array",
        "parseInt",
        "undefined",
        "eval",
        "crypto",
        "URL",
    ] {
        let mut params = serde_json::Map::new();
        params.insert(name.into(), json!({"a": 1}));
        let error = run(with_params("1", params.into())).await.expect_err(name);
        assert_eq!(error.kind, RunErrorKind::Parameter { name: name.into() });
    }
}
