//! Signatures made by the real SDK 7.4.0 are accepted as they are, and ours have the same bytes.

use conclave_auth::{
    Ability, Grant, Needed, Policy, SessionSigner, SessionTerms, SiweMessage, Timestamp, Wallet,
    authenticate_session, authenticate_wallet,
};
use conclave_wire::{AuthSig, ExecuteRequest, PkpSignRequest};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

const SESSIONS: [&str; 4] = ["wildcards", "one_pkp", "one_action", "with_capacity_delegation"];
const CID: &str = "QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7";

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/sdk-7.4.0.json")).expect("the vectors are JSON")
}

fn moment(value: &Value) -> OffsetDateTime {
    value.as_str().and_then(Timestamp::parse).expect("a timestamp").at()
}

fn auth_sig(value: &Value) -> AuthSig {
    AuthSig::from_value("authSig", value.clone()).expect("an authSig")
}

fn wallet() -> Wallet {
    Wallet::from_secret(&[0x42; 32]).expect("a secret key")
}

fn key() -> Needed {
    Needed::PkpSigning { token_id: [0xab; 32] }
}

fn action() -> Needed {
    Needed::ActionExecution { cid: CID.into() }
}

#[test]
fn every_session_of_the_sdk_is_accepted_by_the_node_it_was_made_for() {
    let vectors = vectors();
    for name in SESSIONS {
        let session = &vectors["sessions"][name];
        let now = moment(&session["at"]);
        for (url, signature) in
            session["sessionSigs"].as_object().expect("one signature for each node")
        {
            let policy = Policy::for_node([url]).expect("a URL");
            let verdict =
                |needed| authenticate_session(&auth_sig(signature), &needed, &policy, now);
            let granted = |needed| {
                verdict(needed).map(|principal| principal.wallet() == Some(wallet().address()))
            };
            assert_eq!(granted(key()).is_ok(), name != "one_action", "{name}");
            assert_eq!(granted(action()).is_ok(), name != "one_pkp", "{name}");
            assert!(
                granted(key()).unwrap_or(true) && granted(action()).unwrap_or(true),
                "{name}: the wallet's address"
            );
            let other_key = Needed::PkpSigning { token_id: [0xac; 32] };
            assert_eq!(granted(other_key).is_ok(), !name.starts_with("one_"), "{name}");
        }
    }
}

#[test]
fn a_session_of_the_sdk_is_refused_by_every_other_node_and_at_every_other_time() {
    let vectors = vectors();
    let session = &vectors["sessions"]["wildcards"];
    let now = moment(&session["at"]);
    let signatures = session["sessionSigs"].as_object().expect("one signature for each node");
    for (url, signature) in signatures {
        for other in signatures.keys().filter(|other| *other != url) {
            let policy = Policy::for_node([other]).expect("a URL");
            let error = authenticate_session(&auth_sig(signature), &key(), &policy, now)
                .expect_err("another node");
            assert_eq!(error.field, "authSig.signedMessage.nodeAddress");
        }
        let policy = Policy::for_node([url]).expect("a URL");
        let at = |shift| {
            authenticate_session(&auth_sig(signature), &key(), &policy, now + shift).is_ok()
        };
        assert!(at(Duration::ZERO) && at(Duration::hours(23)));
        assert!(!at(Duration::hours(25)) && !at(Duration::minutes(-2)));
    }
}

#[test]
fn a_plain_signature_of_the_sdk_is_accepted_and_a_consent_is_no_plain_signature() {
    let vectors = vectors();
    let plain = &vectors["plainAuthSig"];
    let now = moment(&plain["at"]);
    let policy = Policy::for_node(["http://127.0.0.1:17470"]).expect("a URL");
    let principal =
        authenticate_wallet(&auth_sig(&plain["authSig"]), &policy, now).expect("accepted");
    assert_eq!(principal.wallet(), Some(wallet().address()));
    assert!(principal.session.is_none() && principal.require(&key()).is_ok());

    let session = auth_sig(
        &vectors["sessions"]["with_capacity_delegation"]["sessionSigs"]["http://127.0.0.1:17470"],
    );
    let message: Value = serde_json::from_str(&session.signed_message).expect("JSON");
    for capability in message["capabilities"].as_array().expect("a list") {
        let error = authenticate_wallet(&auth_sig(capability), &policy, now)
            .expect_err("belongs to a session");
        assert_eq!(error.field, "authSig.signedMessage.URI");
    }
    assert_eq!(
        authenticate_wallet(&session, &policy, now).expect_err("a session").field,
        "authSig.derivedVia"
    );
}

#[test]
fn the_requests_of_the_sdk_are_read() {
    let vectors = vectors();
    for request in vectors["requests"].as_array().expect("a list") {
        let body = request["body"].as_str().expect("text").as_bytes();
        match request["path"].as_str() {
            Some("/web/pkp/sign/v1") => {
                assert!(PkpSignRequest::parse(body).expect("valid").auth_sig.is_some())
            }
            Some("/web/execute/v1") => {
                assert!(ExecuteRequest::parse(body).expect("valid").auth_sig.is_some())
            }
            other => panic!("unknown path {other:?}"),
        }
    }
}

#[test]
fn our_sessions_have_the_bytes_of_the_sdk() {
    let vectors = vectors();
    let theirs =
        auth_sig(&vectors["sessions"]["wildcards"]["sessionSigs"]["http://127.0.0.1:17470"]);
    let their_message: Value = serde_json::from_str(&theirs.signed_message).expect("JSON");
    let their_consent = auth_sig(&their_message["capabilities"][0]);
    let siwe = SiweMessage::parse(&their_consent.signed_message).expect("EIP-4361");

    let terms = SessionTerms {
        domain: siwe.domain.clone(),
        statement: Some("This is a test statement.  You can put anything you want here.".into()),
        chain_id: siwe.chain_id,
        nonce: siwe.nonce.clone(),
        issued_at: siwe.issued_at.at(),
        expiration: moment(&their_message["expiration"]),
        grants: vec![Grant::any(Ability::PkpSigning), Grant::any(Ability::ActionExecution)],
    };
    let signer = SessionSigner::new(&wallet(), &[1; 32], terms);
    let ours = signer.sign_for("http://127.0.0.1:17470", moment(&their_message["issuedAt"]));
    let our_message: Value = serde_json::from_str(&ours.signed_message).expect("JSON");
    let our_consent = auth_sig(&our_message["capabilities"][0]);

    // The SDK's session key is random: with ours in its place, the texts are the same.
    let with_our_key = |text: &str| text.replace(&theirs.address, &ours.address);
    assert_eq!(our_consent.signed_message, with_our_key(&their_consent.signed_message));
    assert_eq!(
        ours.signed_message.replace(&our_consent.sig, &their_consent.sig),
        with_our_key(&theirs.signed_message)
    );
    assert_eq!(wallet().sign_siwe(&siwe), their_consent, "the wallet's signature is deterministic");
}
