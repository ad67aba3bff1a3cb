//! Requests: what the SDK sends is read, everything else is refused with the field and the reason.

use conclave_wire::limits::{
    EXECUTE_BODY_SLACK_BYTES, MAX_ACCESS_TOKEN_BYTES, MAX_ADDRESS_BYTES, MAX_ALGO_BYTES,
    MAX_AUTH_METHODS, MAX_CHALLENGE_BYTES, MAX_CID_BYTES, MAX_CLIENT_PUBLIC_KEY_BYTES,
    MAX_CODE_BYTES, MAX_DERIVED_VIA_BYTES, MAX_EXECUTE_BODY_BYTES, MAX_HANDSHAKE_BODY_BYTES,
    MAX_SIGN_BODY_BYTES, MAX_SIGNATURE_BYTES, MAX_SIGNED_MESSAGE_BYTES, MAX_STORE_BODY_BYTES,
    MAX_TIMESTAMP_BYTES,
};
use conclave_wire::{
    ActionSource, ErrorCode, ExecuteRequest, HandshakeRequest, NetworkId, PkpSignRequest,
    RequestError, StoreActionRequest, store_action_message,
};
use serde_json::{Value, json};

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn auth_sig() -> Value {
    json!({"sig": "aa", "derivedVia": "litSessionSignViaNacl", "signedMessage": "{}", "address": "bb", "algo": "ed25519"})
}

fn sign() -> Value {
    json!({"toSign": vec![7; 32], "pubkey": format!("0x04{}", "12".repeat(64)), "authSig": auth_sig(), "epoch": 1})
}

fn execute() -> Value {
    json!({"code": "MSsx", "jsParams": {"b": 1, "a": [2]}, "authSig": auth_sig(), "epoch": 1, "responseStrategy": {}})
}

fn store() -> Value {
    json!({"code": "MSsx", "address": "0x00", "issuedAt": "2026-01-01T00:00:00Z", "signature": "0x00"})
}

/// `body` with the value at a JSON pointer's last segment replaced; `Value::Null` as a marker
/// removes it.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    if value.is_null() {
        parent.remove(field)
    } else {
        parent.insert(field.to_owned(), value)
    };
    body
}

#[test]
fn reads_what_the_sdk_sends() {
    let request = PkpSignRequest::parse(&bytes(&sign())).expect("valid");
    assert_eq!((request.to_sign, request.pubkey[0], request.epoch), ([7; 32], 4, 1));
    let request = ExecuteRequest::parse(&bytes(&execute())).expect("valid");
    assert_eq!(request.source, ActionSource::Inline("1+1".into()));
    assert_eq!(
        request.js_params.keys().collect::<Vec<_>>(),
        ["b", "a"],
        "the order of parameters is kept"
    );
    let by_cid = json!({"ipfsId": "QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7", "jsParams": null, "authSig": auth_sig()});
    let request = ExecuteRequest::parse(&bytes(&by_cid)).expect("valid");
    assert!(
        matches!(request.source, ActionSource::Cid(_))
            && request.js_params.is_empty()
            && request.epoch == 0
    );
    let handshake = json!({"clientPublicKey": "test", "challenge": "00".repeat(32), "epoch": 3});
    assert_eq!(HandshakeRequest::parse(&bytes(&handshake)).expect("valid").epoch, 3);
    assert_eq!(HandshakeRequest::parse(b"{}"), Ok(HandshakeRequest::default()));
}

#[test]
fn what_a_client_serialises_a_node_reads_back() {
    let sign = PkpSignRequest::parse(&bytes(&sign())).expect("valid");
    assert_eq!(PkpSignRequest::parse(&serde_json::to_vec(&sign).expect("serialises")), Ok(sign));
    let execute = ExecuteRequest::parse(&bytes(&execute())).expect("valid");
    assert_eq!(
        ExecuteRequest::parse(&serde_json::to_vec(&execute).expect("serialises")),
        Ok(execute)
    );
    let store = StoreActionRequest::parse(&bytes(&store())).expect("valid");
    assert_eq!(
        StoreActionRequest::parse(&serde_json::to_vec(&store).expect("serialises")),
        Ok(store)
    );
}

#[test]
fn a_typed_array_may_arrive_as_an_object() {
    let object: serde_json::Map<String, Value> =
        (0..32).map(|index| (index.to_string(), json!(7))).collect();
    let request = PkpSignRequest::parse(&bytes(&with(sign(), "/toSign", Value::Object(object))))
        .expect("valid");
    assert_eq!(request.to_sign, [7; 32]);
}

#[test]
fn each_bad_field_of_a_sign_request_is_named() {
    let cases = [
        ("/toSign", Value::Null, "toSign: is missing"),
        ("/toSign", json!("0x07"), "toSign: must be a list of whole numbers from 0 to 255"),
        ("/toSign", json!(vec![7; 31]), "toSign: must be a digest of exactly 32 bytes"),
        ("/toSign", json!(vec![7; 33]), "toSign: is longer than 32"),
        ("/toSign", json!(vec![256; 32]), "toSign: must be a list of whole numbers from 0 to 255"),
        ("/pubkey", Value::Null, "pubkey: is missing"),
        ("/pubkey", json!(4), "pubkey: must be a string"),
        (
            "/pubkey",
            json!("0x04"),
            "pubkey: must be an uncompressed secp256k1 key: 0x04 and 128 hexadecimal digits",
        ),
        ("/pubkey", json!("0".repeat(133)), "pubkey: is longer than 132"),
        ("/epoch", json!(-1), "epoch: must be a whole number from 0"),
        ("/epoch", json!("1"), "epoch: must be a whole number from 0"),
        ("/authSig", json!([]), "authSig: must be an object"),
        ("/authSig/sig", Value::Null, "authSig.sig: is missing"),
        ("/authSig/address", json!(1), "authSig.address: must be a string"),
        ("/authSig/derivedVia", json!({}), "authSig.derivedVia: must be a string"),
        ("/authSig/signedMessage", json!({}), "authSig.signedMessage: must be a string"),
        ("/authMethods", json!({}), "authMethods: must be a list"),
        ("/authMethods", json!([1]), "authMethods[0]: must be an object"),
        ("/authMethods", json!([{"authMethodType": 1}]), "authMethods[0].accessToken: is missing"),
        (
            "/authMethods",
            json!([{"accessToken": "t"}]),
            "authMethods[0].authMethodType: is missing",
        ),
    ];
    for (pointer, value, expected) in cases {
        let error =
            PkpSignRequest::parse(&bytes(&with(sign(), pointer, value))).expect_err(expected);
        assert_eq!((error.to_string().as_str(), error.code()), (expected, ErrorCode::NodeBadInput));
    }
}

#[test]
fn each_bad_field_of_an_execute_request_is_named() {
    use ErrorCode::{NodeBadInput, NodeInvalidIPFSID};
    let cases = [
        ("/code", Value::Null, "code: is missing", NodeBadInput),
        ("/code", json!("%%"), "code: must be the code in base64", NodeBadInput),
        ("/code", json!("/w=="), "code: must be UTF-8 text", NodeBadInput),
        ("/ipfsId", json!("Qm"), "code: cannot stand beside ipfsId", NodeBadInput),
        ("/jsParams", json!([1]), "jsParams: must be an object or null", NodeBadInput),
        ("/jsParams", json!("{}"), "jsParams: must be an object or null", NodeBadInput),
    ];
    for (pointer, value, expected, code) in cases {
        let error =
            ExecuteRequest::parse(&bytes(&with(execute(), pointer, value))).expect_err(expected);
        assert_eq!((error.to_string().as_str(), error.code()), (expected, code));
    }
    for cid in ["", "../../etc", "Qm\n"] {
        let error = ExecuteRequest::parse(&bytes(&json!({"ipfsId": cid}))).expect_err(cid);
        assert_eq!(
            (error.to_string().as_str(), error.code()),
            ("ipfsId: must be a CID", NodeInvalidIPFSID)
        );
    }
}

#[test]
fn a_signature_per_chain_has_a_code_of_its_own() {
    let body = with(sign(), "/authSig", json!({"ethereum": auth_sig(), "solana": auth_sig()}));
    let error = PkpSignRequest::parse(&bytes(&body)).expect_err("refused");
    assert_eq!(error.code(), ErrorCode::NodeInvalidMultipleAuthSigs);
}

#[test]
fn what_is_no_json_object_is_refused_and_says_where() {
    assert_eq!(
        PkpSignRequest::parse(b"{\n  \"a\": }"),
        Err(RequestError::NotJson { line: 2, column: 8 })
    );
    assert_eq!(PkpSignRequest::parse(b"[]"), Err(RequestError::NotAnObject));
    let deep = "[".repeat(60_000);
    for body in [&b""[..], b"{", b"\xff", b"nul", deep.as_bytes()] {
        assert_eq!(
            PkpSignRequest::parse(body).map_err(|error| error.code()),
            Err(ErrorCode::NodeParserError)
        );
    }
}

#[test]
fn every_text_field_is_accepted_at_its_limit_and_refused_one_byte_longer() {
    type Parse = fn(&[u8]) -> Result<(), RequestError>;
    let sign_parse: Parse = |body| PkpSignRequest::parse(body).map(drop);
    let execute_parse: Parse = |body| ExecuteRequest::parse(body).map(drop);
    let handshake_parse: Parse = |body| HandshakeRequest::parse(body).map(drop);
    let store_parse: Parse = |body| StoreActionRequest::parse(body).map(drop);
    let methods = with(sign(), "/authMethods", json!([{"authMethodType": 1, "accessToken": "t"}]));
    let by_cid = json!({"ipfsId": "Qm"});
    let cases = [
        (sign_parse, sign(), "/authSig/sig", MAX_SIGNATURE_BYTES),
        (sign_parse, sign(), "/authSig/derivedVia", MAX_DERIVED_VIA_BYTES),
        (sign_parse, sign(), "/authSig/signedMessage", MAX_SIGNED_MESSAGE_BYTES),
        (sign_parse, sign(), "/authSig/address", MAX_ADDRESS_BYTES),
        (sign_parse, sign(), "/authSig/algo", MAX_ALGO_BYTES),
        (sign_parse, methods, "/authMethods/0/accessToken", MAX_ACCESS_TOKEN_BYTES),
        (execute_parse, by_cid, "/ipfsId", MAX_CID_BYTES),
        (handshake_parse, json!({}), "/challenge", MAX_CHALLENGE_BYTES),
        (handshake_parse, json!({}), "/clientPublicKey", MAX_CLIENT_PUBLIC_KEY_BYTES),
        (store_parse, store(), "/address", MAX_ADDRESS_BYTES),
        (store_parse, store(), "/issuedAt", MAX_TIMESTAMP_BYTES),
        (store_parse, store(), "/signature", MAX_SIGNATURE_BYTES),
    ];
    for (parse, body, pointer, limit) in cases {
        let at = |length: usize| bytes(&with(body.clone(), pointer, json!("a".repeat(length))));
        assert_eq!(parse(&at(limit)), Ok(()), "{pointer}");
        let error = parse(&at(limit + 1)).expect_err(pointer);
        assert!(
            error.to_string().ends_with(&format!(": is longer than {limit}")),
            "{pointer}: {error}"
        );
    }
}

#[test]
fn auth_methods_are_accepted_up_to_their_limit() {
    let at = |count| {
        bytes(&with(
            sign(),
            "/authMethods",
            json!(vec![json!({"authMethodType": 1, "accessToken": "t"}); count]),
        ))
    };
    assert!(PkpSignRequest::parse(&at(MAX_AUTH_METHODS)).is_ok());
    assert!(PkpSignRequest::parse(&at(MAX_AUTH_METHODS + 1)).is_err());
}

#[test]
fn the_longest_code_is_accepted_and_one_byte_more_is_not() {
    use base64::Engine as _;
    let encode =
        |length: usize| base64::engine::general_purpose::STANDARD.encode(vec![b' '; length]);
    let at = |length: usize| ExecuteRequest::parse(&bytes(&json!({"code": encode(length)})));
    assert!(at(MAX_CODE_BYTES).is_ok());
    let too_long = format!("code: is longer than {MAX_CODE_BYTES}");
    assert_eq!(at(MAX_CODE_BYTES + 1).map_err(|error| error.to_string()), Err(too_long));
}

#[test]
fn bodies_are_accepted_at_their_limit_and_refused_one_byte_longer() {
    type Parse = fn(&[u8]) -> Result<(), RequestError>;
    let cases: [(Parse, Value, usize); 4] = [
        (|body| HandshakeRequest::parse(body).map(drop), json!({}), MAX_HANDSHAKE_BODY_BYTES),
        (|body| PkpSignRequest::parse(body).map(drop), sign(), MAX_SIGN_BODY_BYTES),
        (|body| ExecuteRequest::parse(body).map(drop), execute(), MAX_EXECUTE_BODY_BYTES),
        (|body| StoreActionRequest::parse(body).map(drop), store(), MAX_STORE_BODY_BYTES),
    ];
    for (parse, body, limit) in cases {
        let mut body = bytes(&body);
        body.resize(limit, b' ');
        assert_eq!(parse(&body), Ok(()));
        body.push(b' ');
        assert_eq!(parse(&body), Err(RequestError::BodyTooLarge { limit }));
        assert_eq!(
            parse(&body).map_err(|error| error.code()),
            Err(ErrorCode::ConclaveBodyTooLarge)
        );
    }
    const { assert!(MAX_EXECUTE_BODY_BYTES > MAX_CODE_BYTES + EXECUTE_BODY_SLACK_BYTES) };
}

#[test]
fn the_text_that_stores_an_action_names_network_and_content() {
    let network = NetworkId { chain_id: 31337, staking: [0xab; 20] };
    assert_eq!(
        store_action_message(&network, "QmX", "2026-01-01T00:00:00Z"),
        "Conclave: store this action.\n\nNetwork: eip155:31337:0xabababababababababababababababababababab\n\
         CID: QmX\nIssued At: 2026-01-01T00:00:00Z"
    );
}

#[test]
fn debug_output_holds_no_signature_and_no_token() {
    let body =
        with(sign(), "/authMethods", json!([{"authMethodType": 1, "accessToken": "secret-token"}]));
    let body = with(body, "/authSig/sig", json!("secret-signature"));
    let body = with(body, "/authSig/signedMessage", json!("secret-message"));
    let text = format!("{:?}", PkpSignRequest::parse(&bytes(&body)).expect("valid"));
    assert!(!text.contains("secret"), "{text}");
}
