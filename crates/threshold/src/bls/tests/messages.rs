//! The three kinds of message admit exactly their shapes, and have no bytes in common.

use super::*;
use proptest::prelude::*;

const SIWE: &str = "localhost:3000 wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

Lit Protocol PKP session signature I further authorize the stated URI to perform the following actions on my behalf.

URI: lit:session:6a1f1e8a00b61867b8eaf329d6fdf855220ac3e32f44ec13e4db0dd303dea6a4
Version: 1
Chain ID: 1
Nonce: 0x7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c
Issued At: 2026-11-20T10:00:00Z
Expiration Time: 2026-11-21T10:00:00.000Z";

fn identity_text() -> String {
    format!("{IDENTITY_PREFIX}{}/{}", "0a".repeat(32), "9f".repeat(32))
}

fn token_text() -> String {
    format!("{TOKEN_HEADER}eyJpc3MiOiJMSVQi-_0")
}

#[test]
fn a_session_is_hashed_as_the_client_hashes_it() {
    // `hashMessage` and `sha256` of ethers 5, in the order of the client's `blsSessionSigVerify`.
    let message = BlsMessage::from(Session::parse(SIWE).unwrap());
    assert_eq!(
        hex::encode(message.bytes()),
        "f649e1b5c89733c7794b06c6b330013598ac6a5d372e8906d45a1a1899753607"
    );
}

#[test]
fn identities_and_tokens_are_signed_as_they_are() {
    assert_eq!(
        BlsMessage::from(Identity::parse(&identity_text()).unwrap()).bytes(),
        identity_text().as_bytes()
    );
    assert_eq!(
        BlsMessage::from(Token::parse(&token_text()).unwrap()).bytes(),
        token_text().as_bytes()
    );
}

#[test]
fn an_identity_has_one_shape() {
    let good = identity_text();
    let hash = "0a".repeat(32);
    let bad = [
        String::new(),
        good[1..].to_owned(),
        format!("{good}0"),
        format!(" {good}"),
        format!("{good}\n"),
        good[..good.len() - 1].to_owned(),
        good.replace('a', "A"),
        good.replace('f', "g"),
        format!("{IDENTITY_PREFIX}{hash}"),
        format!("{IDENTITY_PREFIX}{hash}/"),
        format!("{IDENTITY_PREFIX}/{hash}"),
        format!("{IDENTITY_PREFIX}{hash}0/{hash}"),
        format!("{IDENTITY_PREFIX}{hash}/{hash}/"),
        format!("{IDENTITY_PREFIX}{}/{hash}", &hash[1..]),
        format!("lit-resource://{hash}/{hash}"),
    ];
    for text in bad {
        assert_eq!(Identity::parse(&text), Err(NotOfThisShape("identity")), "{text:?}");
    }
}

#[test]
fn a_session_message_has_its_three_marks() {
    let uri = "URI: lit:session:6a1f1e8a00b61867b8eaf329d6fdf855220ac3e32f44ec13e4db0dd303dea6a4\n";
    assert!(SIWE.contains(uri));
    let bad = [
        String::new(),
        SIWE.replace("localhost:3000", ""),
        SIWE.replace("wants you to sign in", "wants you to sign up"),
        SIWE.replace("account:\n", "account\n"),
        SIWE.replace("0xC02a", "C02a"),
        SIWE.replace("0xC02a", "0xC02"),
        SIWE.replace("0xC02a", "0xC02aa"),
        SIWE.replace("0xC02a", "0xG02a"),
        SIWE.replace(uri, ""),
        SIWE.replace(uri, &uri.repeat(2)),
        SIWE.replace(uri, &format!("{uri}URI: https://example.org\n")),
        SIWE.replace("lit:session:6a", "lit:session:6"),
        SIWE.replace("lit:session:6a", "lit:session:6A"),
        SIWE.replace("lit:session:6a", "lit:session:6aa"),
        SIWE.replace("lit:session:", "lit:capability:"),
        SIWE.replace("URI: lit", "uri: lit"),
        format!("\n{SIWE}"),
    ];
    for text in bad {
        assert_eq!(Session::parse(&text), Err(NotOfThisShape("session message")), "{text:?}");
    }
}

#[test]
fn a_token_has_one_shape() {
    let payload = |payload: &str| Token::parse(&format!("{TOKEN_HEADER}{payload}"));
    for good in ["eyJ9", "eyJpc", "eyJpc3MiOiJMSVQi-_0", "eyJ"] {
        assert!(payload(good).is_ok() == (good.len() % 4 != 1), "{good}");
    }
    for bad in [
        "",
        "ey",
        "eyK9",
        "eyJ9aaaaa",
        "eyJ9=",
        "eyJ9+",
        "eyJ9/",
        "eyJ9.",
        "eyJ9 ",
        "eyJ9\n",
        "eyJ9é",
        "xyJ9",
    ] {
        assert_eq!(payload(bad), Err(NotOfThisShape("token")), "{bad}");
    }
    assert_eq!(
        Token::parse("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ9"),
        Err(NotOfThisShape("token"))
    );
    assert_eq!(Token::parse(TOKEN_HEADER.trim_end_matches('.')), Err(NotOfThisShape("token")));
}

/// Texts of the three shapes and texts close to them.
fn texts() -> impl Strategy<Value = String> {
    let uri = "[a-z.:0-9]{1,20} wants you to sign in with your Ethereum account:\n0x[0-9a-fA-F]{40}\n\n.{0,40}\n\nURI: lit:session:[0-9a-f]{64}\n.{0,40}";
    prop_oneof![
        "lit-accesscontrolcondition://[0-9a-f]{64}/[0-9a-f]{64}",
        "lit-accesscontrolcondition://[0-9a-fA-F]{63,65}/[0-9a-f]{63,65}",
        uri,
        "eyJhbGciOiJCTFMxMi0zODEiLCJ0eXAiOiJKV1QifQ\\.eyJ[A-Za-z0-9_-]{0,160}",
        "eyJhbGciOiJCTFMxMi0zODEiLCJ0eXAiOiJKV1QifQ\\.[A-Za-z0-9_=.-]{0,160}",
        ".{0,200}",
    ]
}

/// Which language the bytes belong to, from the bytes alone.
fn languages(bytes: &[u8]) -> [bool; 3] {
    let identity = bytes.len() == 158 && bytes.starts_with(b"lit-");
    [identity, bytes.len() == 32, bytes.len() > 32 && bytes.starts_with(b"eyJ")]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_kinds_have_no_bytes_in_common(one in texts(), other in texts()) {
        let kinds = |text: &str| {
            let identity = Identity::parse(text).ok().map(BlsMessage::from);
            let session = Session::parse(text).ok().map(BlsMessage::from);
            [identity, session, Token::parse(text).ok().map(BlsMessage::from)]
        };
        for (kind, message) in kinds(&one).iter().enumerate() {
            let Some(message) = message else { continue };
            let mut expected = [false; 3];
            expected[kind] = true;
            prop_assert_eq!(languages(message.bytes()), expected);
        }
        prop_assert!(kinds(&one).iter().flatten().count() <= 1);
        for (kind, message) in kinds(&one).iter().enumerate() {
            for (other_kind, other) in kinds(&other).iter().enumerate().filter(|(other_kind, _)| *other_kind != kind) {
                if let (Some(message), Some(other)) = (message, other) {
                    prop_assert_ne!(message.bytes(), other.bytes(), "{} {}", kind, other_kind);
                }
            }
        }
    }
}
