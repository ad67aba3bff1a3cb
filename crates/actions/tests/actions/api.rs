//! Lit.Actions, Lit.Auth and Lit.Headers.

use std::sync::Arc;

use conclave_actions::{
    Action, AuthContext, AuthMethodContext, RunErrorKind, SignKind, SignRequest,
};
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn gives_the_last_response_that_was_set() {
    assert_eq!(
        response(
            "LitActions.setResponse({response: 'a'}); Lit.Actions.setResponse({response: 'b'})"
        )
        .await,
        "b"
    );
    assert_eq!(response("1 + 1").await, "");
    assert_eq!(response(" \n").await, "");
}

#[tokio::test]
async fn tells_what_is_no_text_as_its_json_and_nothing_as_the_empty_text() {
    let forms = [
        ("{a: [1]}", r#"{"a":[1]}"#),
        ("[]", "[]"),
        ("21.5", "21.5"),
        ("2n ** 64n", "18446744073709551616"),
        ("true", "true"),
        ("null", "null"),
        ("undefined", ""),
        ("() => 1", ""),
        ("'\\ud800'", "\u{fffd}"),
    ];
    for (value, expected) in forms {
        assert_eq!(
            response(&format!("Lit.Actions.setResponse({{response: {value}}})")).await,
            expected,
            "{value}"
        );
        let code = format!(
            "const [, value] = await Lit.Actions.broadcastAndCollect({{name: 'n', value: {value}}})
            Lit.Actions.setResponse({{response: value}})"
        );
        assert_eq!(response(&code).await, expected, "{value}");
    }
    assert_eq!(response("Lit.Actions.setResponse()").await, "");
    assert!(
        message(failure("const a = {}; a.a = a; Lit.Actions.setResponse({response: a})").await)
            .contains("circular")
    );
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
    let outcome =
        run_for(with_params(code, json!({"publicKey": "04cd"})), signer.clone()).await.unwrap();
    assert_eq!(outcome.response, "success");
    let raw = |key: &str, name: &str| SignRequest {
        kind: SignKind::Raw([7; 32]),
        public_key: key.into(),
        name: name.into(),
    };
    let personal = SignRequest {
        kind: SignKind::PersonalMessage("h\u{e9}".into()),
        public_key: "04cd".into(),
        name: "three".into(),
    };
    assert_eq!(
        *signer.signed.lock().unwrap(),
        [raw("0x04ab", "one"), raw("04cd", "two"), personal]
    );
}

#[tokio::test]
async fn refuses_to_sign_what_is_no_digest() {
    for to_sign in [
        "undefined",
        "null",
        "'ab'",
        "'1'.repeat(32)",
        "new String('1'.repeat(32))",
        "new Uint8Array(31)",
        "new Uint8Array(33)",
        "new Uint16Array(16)",
        "Array(32)",
        "Array(32).fill('a')",
        "Array(32).fill(NaN)",
        "{}",
        "{length: 32}",
        "Object.assign({length: 33}, Array(33).fill(1))",
    ] {
        let code =
            format!("Lit.Actions.signEcdsa({{toSign: {to_sign}, publicKey: '04', sigName: 's'}})");
        assert!(message(failure(&code).await).contains("toSign must be 32 bytes"), "{to_sign}");
    }
    let code = "Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: 4, sigName: 's'})";
    assert!(message(failure(code).await).contains("publicKey must be a string"));
}

#[tokio::test]
async fn takes_bytes_in_every_form_that_a_uint8array_is_made_of() {
    for to_sign in [
        "Uint8Array.from(numbers)",
        "Uint8Array.from(numbers).buffer",
        "new DataView(Uint8Array.from(numbers).buffer)",
        "numbers",
        "Array.from(numbers, String)",
        "Object.assign({length: 32}, numbers)",
        "numbers.map((number) => number + 256)",
        "numbers.map((number) => number + 512.5)",
        "Uint16Array.from(numbers, (number) => number + 256)",
        "Int8Array.from(numbers)",
        "Float64Array.from(numbers)",
    ] {
        let signer = Arc::new(Signer::default());
        let code = format!(
            "const numbers = Array.from({{length: 32}}, (_, index) => index * 7 + 1)
            await Lit.Actions.signEcdsa({{toSign: {to_sign}, publicKey: '04', sigName: 's'}})"
        );
        run_for(action(&code), signer.clone()).await.unwrap();
        let expected = std::array::from_fn(|index| (index * 7 + 1) as u8);
        assert_eq!(signer.signed.lock().unwrap()[0].kind, SignKind::Raw(expected), "{to_sign}");
    }
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
    let sign =
        "Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's'})";
    for code in
        [sign.to_owned(), format!("await {sign}"), format!("(async () => {{ await {sign} }})()")]
    {
        assert_eq!(failure(&code).await, RunErrorKind::Host(refusal()), "{code}");
    }
}

#[tokio::test]
async fn hands_a_combined_signature_to_the_script() {
    let signer = Arc::new(Signer::default());
    let code = "
        const toSign = Array(32).fill(7)
        const signature = await Lit.Actions.signAndCombineEcdsa({toSign, publicKey: '04ab', sigName: 's'})
        const refused = await Lit.Actions.signAndCombineEcdsa({toSign, publicKey: 'refused', sigName: 's'}).catch((error) => error.code)
        Lit.Actions.setResponse({response: JSON.stringify([signature, refused])})";
    let answer: Value =
        run_for(action(code), signer.clone()).await.unwrap().response.parse().unwrap();
    assert_eq!(answer, json!([r#"{"r":"02","s":"03","v":1}"#, refusal().code]));
    assert_eq!(signer.signed.lock().unwrap().len(), 1);
    assert!(
        message(failure("Lit.Actions.signAndCombineEcdsa({toSign: [1]})").await)
            .contains("toSign must be 32 bytes")
    );
}

#[tokio::test]
async fn says_of_functions_to_come_that_they_are_not_offered() {
    for name in
        ["checkConditions", "claimKey", "encrypt", "decryptAndCombine", "decryptToSingleNode"]
    {
        let thrown = message(failure(&format!("await Lit.Actions.{name}({{}})")).await);
        assert_eq!(thrown, format!("Error: Lit.Actions.{name} is not offered by this version"));
        let caught = format!("await Lit.Actions.{name}().catch((error) => error.name)");
        assert_eq!(
            value(&caught).await,
            "Error",
            "a promise that is rejected, as of any other function"
        );
    }
}

#[tokio::test]
async fn has_every_function_that_actions_know() {
    let expected = [
        "aesDecrypt",
        "broadcastAndCollect",
        "call",
        "callContract",
        "checkConditions",
        "claimKey",
        "decryptAndCombine",
        "decryptToSingleNode",
        "encrypt",
        "ethPersonalSignMessageEcdsa",
        "getLatestNonce",
        "getPermittedActions",
        "getPermittedAddresses",
        "getPermittedAuthMethodScopes",
        "getPermittedAuthMethods",
        "getRpcUrl",
        "isPermittedAction",
        "isPermittedAddress",
        "isPermittedAuthMethod",
        "pubkeyToTokenId",
        "runOnce",
        "setResponse",
        "signAndCombineEcdsa",
        "signEcdsa",
        "uint8arrayFromString",
        "uint8arrayToString",
    ];
    assert_eq!(value("Object.keys(Lit.Actions).sort()").await, json!(expected));
}

#[tokio::test]
async fn names_the_token_of_a_key_without_a_promise() {
    let key = "ethers.utils.computePublicKey('0x' + '01'.repeat(32))";
    let both = format!(
        "[Lit.Actions.pubkeyToTokenId({{publicKey: {key}}}), await Lit.Actions.pubkeyToTokenId({{publicKey: {key}.slice(2)}}), ethers.utils.keccak256({key})]"
    );
    let ids = value(&both).await;
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[0].as_str().unwrap().len() == 66, "{ids}");
    for key in ["'0x04'", "'Ab'", "'0x' + '02'.repeat(33)"] {
        let bytes = format!("'0x' + ({key}).replace('0x', '')");
        let both = format!(
            "[Lit.Actions.pubkeyToTokenId({{publicKey: {key}}}), ethers.utils.keccak256({bytes})]"
        );
        let ids = value(&both).await;
        assert_eq!(ids[0], ids[1], "{key}: whatever the bytes are");
    }
    for key in ["'0x040'", "5", "undefined", "'zz'.repeat(65)"] {
        let code = format!("Lit.Actions.pubkeyToTokenId({{publicKey: {key}}})");
        assert!(message(failure(&code).await).contains("publicKey must be"), "{key}");
    }
}

#[tokio::test]
async fn decrypts_what_was_encrypted_with_aes() {
    // openssl enc -aes-256-cbc -K 0101..01 -iv 0202..02 of "threshold" and of nothing.
    let code = |ciphertext: &str| {
        format!(
            "await Lit.Actions.aesDecrypt({{symmetricKey: new Uint8Array(32).fill(1), ciphertext: Array(16).fill(2).concat(Array.from(ethers.utils.arrayify('0x{ciphertext}')))}})"
        )
    };
    assert_eq!(value(&code("7b8a549c6b1c37449bfb0bd959c7c526")).await, hex::encode("threshold"));
    assert_eq!(value(&code("9cdae7ea9afe33dfde1bfd93ddf141fb")).await, "");
    for (wrong, expected) in [
        (
            "{symmetricKey: new Uint8Array(31), ciphertext: new Uint8Array(32)}",
            "symmetricKey must have 32 bytes",
        ),
        (
            "{symmetricKey: new Uint8Array(32), ciphertext: new Uint8Array(15)}",
            "ciphertext has at least 16 bytes",
        ),
        (
            "{symmetricKey: new Uint8Array(32), ciphertext: new Uint8Array(33)}",
            "ciphertext does not decrypt",
        ),
        (
            "{symmetricKey: new Uint8Array(32), ciphertext: new Uint8Array(32)}",
            "ciphertext does not decrypt",
        ),
        ("{symmetricKey: 'key', ciphertext: new Uint8Array(32)}", "symmetricKey must be bytes"),
    ] {
        assert!(
            message(failure(&format!("await Lit.Actions.aesDecrypt({wrong})")).await)
                .contains(expected),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn shows_the_headers_of_the_request_and_lets_nobody_change_them() {
    let code = "
        const refused = ['append', 'set', 'delete'].map((name) => { try { Lit.Headers[name]('x-a', '1') } catch (error) { return error.name } })
        const {headers} = new Request('https://x/', {headers: LitHeaders})
        headers.set('x-a', '2')
        Lit.Actions.setResponse({response: JSON.stringify([
            Lit.Headers instanceof Headers, LitHeaders === Lit.Headers, Lit.Headers.get('X-A'), [...Lit.Headers], refused, headers.get('x-a')])})";
    let headers = vec![("x-b".to_owned(), "b".to_owned()), ("x-a".to_owned(), "1".to_owned())];
    let answer = run(Action { headers, ..action(code) }).await.unwrap().response;
    let pairs = [["x-a", "1"], ["x-b", "b"]];
    assert_eq!(
        answer.parse::<Value>().unwrap(),
        json!([true, true, "1", pairs, vec!["TypeError"; 3], "2"])
    );
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
    let code =
        "Lit.Actions.setResponse({response: JSON.stringify([Lit.Auth, LitAuth === Lit.Auth])})";
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
    assert_eq!(
        response("Lit.Actions.setResponse({response: String(Lit.Auth.authSigAddress === null)})")
            .await,
        "true"
    );
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
