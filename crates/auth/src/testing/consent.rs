//! Alterations of the wallet's consent: its signature object, and the EIP-4361 text with the ReCap
//! in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conclave_wire::ErrorCode;
use k256::ecdsa::Signature;
use time::Duration;

use super::{At, Row, SessionCase, flip};
use crate::recap::Recap;
use crate::siwe::{MAX_SIWE_BYTES, MAX_SIWE_RESOURCES, SiweMessage};
use crate::timestamp::Timestamp;
use crate::wallet::Wallet;

const BAD_ADDRESS: ErrorCode = ErrorCode::NodeAuthSigAddressConversionError;
const BAD_RECAP: ErrorCode = ErrorCode::NodeInvalidSIWEResource;
const BAD_SIGNATURE: ErrorCode = ErrorCode::NodeSIWESigConversionError;
const BAD_TEXT: ErrorCode = ErrorCode::NodeSIWEMessageError;
const INVALID: ErrorCode = ErrorCode::NodeInvalidAuthSig;
const NOT_GRANTED: ErrorCode = ErrorCode::NodeSIWECapabilityInvalid;
const NO_END: ErrorCode = ErrorCode::NodeUndefinedSiweExpiration;
const OTHER_KEY: ErrorCode = ErrorCode::NodeSIWESessionKeySignatureInvalid;
const UNSUPPORTED: ErrorCode = ErrorCode::NodeAuthSigNotSupported;

const TEXT: &str = "capabilities[0].signedMessage";

pub(super) const TABLE: &[Row] = &[
    (
        "consent: signature bit flipped",
        "[0].sig",
        INVALID,
        At::Capability(|sig, _| flip(&mut sig.sig, 65)),
    ),
    (
        "consent: signature one byte short",
        "[0].sig",
        BAD_SIGNATURE,
        At::Capability(|sig, _| sig.sig.truncate(130)),
    ),
    (
        "consent: signature without 0x",
        "[0].sig",
        BAD_SIGNATURE,
        At::Capability(|sig, _| sig.sig.replace_range(..2, "")),
    ),
    (
        "consent: recovery byte 29",
        "[0].sig",
        BAD_SIGNATURE,
        At::Capability(|sig, _| sig.sig.replace_range(130.., "1d")),
    ),
    (
        "consent: other recovery byte",
        "[0].sig",
        INVALID,
        At::Capability(|sig, _| other_parity(&mut sig.sig)),
    ),
    (
        "consent: r is zero",
        "[0].sig",
        BAD_SIGNATURE,
        At::Capability(|sig, _| sig.sig.replace_range(2..66, &"0".repeat(64))),
    ),
    (
        "consent: s is the group order",
        "[0].sig",
        BAD_SIGNATURE,
        At::Capability(|sig, _| sig.sig.replace_range(66..130, ORDER)),
    ),
    (
        "consent: s in the upper half",
        "[0].sig",
        INVALID,
        At::Capability(|sig, _| upper_half(&mut sig.sig)),
    ),
    (
        "consent: address of another wallet",
        "[0].address",
        INVALID,
        At::Capability(|sig, _| flip(&mut sig.address, 41)),
    ),
    (
        "consent: address not hexadecimal",
        "[0].address",
        BAD_ADDRESS,
        At::Capability(|sig, _| sig.address = "0xg".into()),
    ),
    (
        "consent: derivedVia a contract wallet",
        "[0].derivedVia",
        UNSUPPORTED,
        At::Capability(|sig, _| sig.derived_via = "EIP1271".into()),
    ),
    (
        "consent: derivedVia a session",
        "[0].derivedVia",
        UNSUPPORTED,
        At::Capability(|sig, _| sig.derived_via = "litSessionSignViaNacl".into()),
    ),
    (
        "consent: algo BLS",
        "[0].algo",
        UNSUPPORTED,
        At::Capability(|sig, _| sig.algo = Some("LIT_BLS".into())),
    ),
    (
        "consent: domain changed after signing",
        "[0].sig",
        INVALID,
        At::Capability(|sig, _| sig.signed_message.insert(0, 'x')),
    ),
    (
        "consent: signed by another wallet",
        "[0].sig",
        INVALID,
        At::Capability(|sig, _| {
            sig.sig = Wallet::from_secret(&[9; 32])
                .map(|wallet| wallet.sign_personal(&sig.signed_message))
                .unwrap_or_default();
        }),
    ),
    (
        "text: address of another wallet",
        "[0].address",
        INVALID,
        At::Siwe(|siwe, _| siwe.address = [0x11; 20]),
    ),
    (
        "consent: a rate limit delegation",
        "capabilities",
        NOT_GRANTED,
        At::Siwe(|siwe, _| siwe.uri = "lit:capability:delegation".into()),
    ),
    (
        "text: other wording",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("wants you", "wants You", 1)),
    ),
    ("text: no domain", TEXT, BAD_TEXT, At::Siwe(|siwe, _| siwe.domain.clear())),
    (
        "text: domain with a user",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.domain = "bank.example@localhost".into()),
    ),
    ("text: address not in EIP-55 spelling", TEXT, BAD_TEXT, At::SiweText(lower_case_address)),
    (
        "text: statement beyond ASCII",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("This", "Thïs", 1)),
    ),
    (
        "text: statement of two lines",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("This ", "This\n", 1)),
    ),
    ("text: no URI", TEXT, BAD_TEXT, At::SiweWithout("URI: ")),
    ("text: URI with a space", TEXT, BAD_TEXT, At::Siwe(|siwe, _| siwe.uri.push(' '))),
    (
        "text: version 2",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("Version: 1", "Version: 2", 1)),
    ),
    ("text: no chain id", TEXT, BAD_TEXT, At::SiweWithout("Chain ID: ")),
    (
        "text: chain id not a number",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("Chain ID: 1", "Chain ID: 0x1", 1)),
    ),
    (
        "text: chain id beyond 64 bits",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("Chain ID: 1", "Chain ID: 18446744073709551616", 1)),
    ),
    ("text: no nonce", TEXT, BAD_TEXT, At::SiweWithout("Nonce: ")),
    (
        "text: nonce of seven characters",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.nonce = "1234567".into()),
    ),
    (
        "text: nonce with a dash",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.nonce = "1234-5678".into()),
    ),
    (
        "text: two nonces",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("\nNonce: ", "\nNonce: 12345678\nNonce: ", 1)),
    ),
    (
        "text: nonce before chain id",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| {
            text.replacen("Chain ID: 1\n", "", 1).replacen("\nIssued", "\nChain ID: 1\nIssued", 1)
        }),
    ),
    ("text: no time of issue", TEXT, BAD_TEXT, At::SiweWithout("Issued At: ")),
    (
        "text: time of issue not a timestamp",
        TEXT,
        BAD_TEXT,
        At::SiweText(|text| text.replacen("Issued At: ", "Issued At: x", 1)),
    ),
    (
        "text: issued in the future",
        "Issued At",
        INVALID,
        At::Siwe(|siwe, case| siwe.issued_at = time(case, Duration::minutes(10))),
    ),
    (
        "text: no expiration",
        "Expiration Time",
        NO_END,
        At::Siwe(|siwe, _| siwe.expiration_time = None),
    ),
    (
        "text: expired",
        "Expiration Time",
        INVALID,
        At::Siwe(|siwe, case| {
            siwe.issued_at = time(case, Duration::hours(-2));
            siwe.expiration_time = Some(time(case, Duration::hours(-1)));
        }),
    ),
    (
        "text: expires before the time of issue",
        "Expiration Time",
        INVALID,
        At::Siwe(|siwe, case| {
            siwe.expiration_time = Some(time(case, Duration::seconds(-30)));
        }),
    ),
    (
        "text: beyond the longest span",
        "Expiration Time",
        INVALID,
        At::Siwe(|siwe, case| {
            siwe.expiration_time = Some(time(case, Duration::days(31)));
        }),
    ),
    (
        "text: not valid yet",
        "Not Before",
        INVALID,
        At::Siwe(|siwe, case| siwe.not_before = Some(time(case, Duration::minutes(10)))),
    ),
    (
        "text: request id with a slash",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.request_id = Some("a/b".into())),
    ),
    ("text: carriage returns", TEXT, BAD_TEXT, At::SiweText(|text| text.replace('\n', "\r\n"))),
    ("text: a line more", TEXT, BAD_TEXT, At::SiweText(|text| format!("{text}\n"))),
    (
        "text: too long",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.request_id = Some("a".repeat(MAX_SIWE_BYTES))),
    ),
    ("text: another session key", "URI", OTHER_KEY, At::Siwe(|siwe, _| flip(&mut siwe.uri, 12))),
    (
        "text: a URI that is no session",
        "URI",
        OTHER_KEY,
        At::Siwe(|siwe, _| siwe.uri = "https://localhost/login".into()),
    ),
    (
        "text: session key with 0x",
        "URI",
        OTHER_KEY,
        At::Siwe(|siwe, _| siwe.uri = siwe.uri.replacen("session:", "session:0x", 1)),
    ),
    (
        "text: statement without the ReCap's sentence",
        "statement",
        NOT_GRANTED,
        At::Siwe(|siwe, _| siwe.statement = Some("Hello".into())),
    ),
    ("text: no statement", "statement", NOT_GRANTED, At::Siwe(|siwe, _| siwe.statement = None)),
    (
        "text: a word after the ReCap's sentence",
        "statement",
        NOT_GRANTED,
        At::SiweText(|text| text.replacen("\n\nURI: ", " Not.\n\nURI: ", 1)),
    ),
    (
        "text: sentence glued to a word",
        "statement",
        NOT_GRANTED,
        At::SiweText(|text| text.replacen(" I further", "I further", 1)),
    ),
    (
        "text: sentence says less than the ReCap",
        "statement",
        NOT_GRANTED,
        At::Siwe(|siwe, _| {
            siwe.statement = Some(Recap::default().statement());
        }),
    ),
    (
        "text: resource that is no URI",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.resources.push("x".into())),
    ),
    (
        "text: too many resources",
        TEXT,
        BAD_TEXT,
        At::Siwe(|siwe, _| siwe.resources.extend(vec!["a:b".into(); MAX_SIWE_RESOURCES])),
    ),
    ("ReCap: none", "Resources", NOT_GRANTED, At::Siwe(|siwe, _| siwe.resources.clear())),
    (
        "ReCap: a second one that the sentence leaves out",
        "statement",
        NOT_GRANTED,
        At::Siwe(|siwe, _| {
            siwe.resources.push(encode(r#"{"att":{"lit-pkp://*":{"*/*":[{}]}},"prf":[]}"#));
        }),
    ),
    (
        "ReCap: padded base64",
        "Resources[0]",
        BAD_RECAP,
        At::Siwe(|siwe, _| siwe.resources = vec!["urn:recap:e30=".into()]),
    ),
    (
        "ReCap: not JSON",
        "Resources[0]",
        BAD_RECAP,
        At::Siwe(|siwe, _| siwe.resources = vec![encode("{")]),
    ),
    (
        "ReCap: not canonical",
        "Resources[0]",
        BAD_RECAP,
        At::Siwe(|siwe, _| siwe.resources = vec![encode(r#"{"prf":[],"att":{}}"#)]),
    ),
    (
        "ReCap: with proofs",
        "Resources[0]",
        BAD_RECAP,
        At::Siwe(|siwe, _| siwe.resources = vec![encode(r#"{"att":{},"prf":["x"]}"#)]),
    ),
    (
        "ReCap: other resources",
        "Resources",
        NOT_GRANTED,
        At::Siwe(|siwe, _| {
            grant(
                siwe,
                r#"{"lit-litaction://ff":{"Threshold/Execution":[{}]},"lit-pkp://ff":{"Threshold/Signing":[{}]}}"#,
            );
        }),
    ),
    (
        "ReCap: abilities exchanged",
        "Resources",
        NOT_GRANTED,
        At::Siwe(|siwe, _| {
            grant(
                siwe,
                r#"{"lit-litaction://*":{"Threshold/Signing":[{}]},"lit-pkp://*":{"Threshold/Execution":[{}]}}"#,
            );
        }),
    ),
    (
        "ReCap: under a condition",
        "Resources",
        NOT_GRANTED,
        At::Siwe(|siwe, _| {
            grant(
                siwe,
                r#"{"lit-litaction://*":{"*/*":[{"a":1}]},"lit-pkp://*":{"*/*":[{"a":1}]}}"#,
            );
        }),
    ),
    (
        "ReCap: the rights to a rate limit only",
        "Resources",
        NOT_GRANTED,
        At::Siwe(|siwe, _| {
            grant(siwe, r#"{"lit-ratelimitincrease://*":{"Auth/Auth":[{}]}}"#);
        }),
    ),
];

/// The order of secp256k1.
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn time(case: &SessionCase, shift: Duration) -> Timestamp {
    case.now.saturating_add(shift).into()
}

fn encode(json: &str) -> String {
    format!("urn:recap:{}", URL_SAFE_NO_PAD.encode(json))
}

/// Replaces the ReCap, and its sentence with it.
fn grant(siwe: &mut SiweMessage, att: &str) {
    let resource = encode(&format!(r#"{{"att":{att},"prf":[]}}"#));
    siwe.statement = Recap::read(&resource).and_then(Result::ok).map(|recap| recap.statement());
    siwe.resources = vec![resource];
}

fn lower_case_address(text: &str) -> String {
    let lower = |(index, line): (usize, &str)| {
        if index == 1 { line.to_ascii_lowercase() } else { line.to_owned() }
    };
    text.split('\n').enumerate().map(lower).collect::<Vec<_>>().join("\n")
}

fn other_parity(signature: &mut String) {
    let other = if signature.ends_with("1b") { "1c" } else { "1b" };
    signature.replace_range(130.., other);
}

/// The other signature of the same key over the same text: r, n - s and the other parity.
fn upper_half(signature: &mut String) {
    let scalars =
        signature.get(2..130).and_then(|digits| hex::decode(digits).ok()).unwrap_or_default();
    if let Ok(lower) = Signature::from_slice(&scalars) {
        let (r, s) = lower.split_scalars();
        if let Ok(upper) = Signature::from_scalars(r, -s) {
            signature.replace_range(2..130, &hex::encode(upper.to_bytes()));
        }
    }
    other_parity(signature);
}
