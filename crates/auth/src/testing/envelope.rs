//! Alterations of the session's signature object and of the JSON that the session key signs.

use conclave_wire::ErrorCode;
use serde_json::{Value, json};
use time::Duration;

use super::{At, Row, flip};
use crate::session::{MAX_CAPABILITIES, MAX_SESSION_REQUESTS};

const BAD_ADDRESS: ErrorCode = ErrorCode::NodeAuthSigAddressConversionError;
const BAD_ALGORITHM: ErrorCode = ErrorCode::NodeInvalidAuthSigSigningAlgo;
const BAD_KEY: ErrorCode = ErrorCode::NodeAuthSigSessionKeyConversionError;
const BAD_MESSAGE: ErrorCode = ErrorCode::NodeAuthSigSignedMessageConversionError;
const BAD_SIGNATURE: ErrorCode = ErrorCode::NodeAuthSigSignatureConversionError;
const INVALID: ErrorCode = ErrorCode::NodeInvalidAuthSig;
const NO_CAPABILITY: ErrorCode = ErrorCode::NodeSIWECapabilityInvalid;
const SCOPE: ErrorCode = ErrorCode::NodeAuthSigScopeTooLimited;
const UNSUPPORTED: ErrorCode = ErrorCode::NodeAuthSigNotSupported;
const UNVERIFIED: ErrorCode = ErrorCode::NodeInvalidED25519AuthSig;
const WALLET: ErrorCode = ErrorCode::NodeCannotProvideAuthSigForEndpoint;

pub(super) const TABLE: &[Row] = &[
    ("signature: nonce bit flipped", "sig", UNVERIFIED, At::Envelope(|sig| flip(&mut sig.sig, 0))),
    (
        "signature: scalar bit flipped",
        "sig",
        UNVERIFIED,
        At::Envelope(|sig| flip(&mut sig.sig, 65)),
    ),
    (
        "signature: scalar plus the group order",
        "sig",
        UNVERIFIED,
        At::Envelope(|sig| sig.sig = plus_order(&sig.sig)),
    ),
    ("signature: one byte short", "sig", BAD_SIGNATURE, At::Envelope(|sig| sig.sig.truncate(126))),
    ("signature: one byte long", "sig", BAD_SIGNATURE, At::Envelope(|sig| sig.sig.push_str("00"))),
    (
        "signature: half a byte short",
        "sig",
        BAD_SIGNATURE,
        At::Envelope(|sig| sig.sig.truncate(127)),
    ),
    (
        "signature: not hexadecimal",
        "sig",
        BAD_SIGNATURE,
        At::Envelope(|sig| sig.sig.replace_range(0..1, "g")),
    ),
    (
        "signature: prefixed with 0x",
        "sig",
        BAD_SIGNATURE,
        At::Envelope(|sig| sig.sig.insert_str(0, "0x")),
    ),
    ("signature: empty", "sig", BAD_SIGNATURE, At::Envelope(|sig| sig.sig.clear())),
    (
        "derivedVia: a wallet",
        "derivedVia",
        WALLET,
        At::Envelope(|sig| sig.derived_via = "web3.eth.personal.sign".into()),
    ),
    (
        "derivedVia: a contract wallet",
        "derivedVia",
        UNSUPPORTED,
        At::Envelope(|sig| sig.derived_via = "EIP1271".into()),
    ),
    (
        "derivedVia: BLS",
        "derivedVia",
        UNSUPPORTED,
        At::Envelope(|sig| sig.derived_via = "lit.bls".into()),
    ),
    (
        "derivedVia: Solana",
        "derivedVia",
        UNSUPPORTED,
        At::Envelope(|sig| sig.derived_via = "solana.signMessage".into()),
    ),
    ("derivedVia: empty", "derivedVia", UNSUPPORTED, At::Envelope(|sig| sig.derived_via.clear())),
    ("algo: BLS", "algo", BAD_ALGORITHM, At::Envelope(|sig| sig.algo = Some("LIT_BLS".into()))),
    (
        "algo: another case",
        "algo",
        BAD_ALGORITHM,
        At::Envelope(|sig| sig.algo = Some("Ed25519".into())),
    ),
    ("algo: missing", "algo", BAD_ALGORITHM, At::Envelope(|sig| sig.algo = None)),
    (
        "address: another key",
        "sig",
        UNVERIFIED,
        At::Envelope(|sig| sig.address = ANOTHER_KEY.into()),
    ),
    (
        "address: a key of small order",
        "sig",
        UNVERIFIED,
        At::Envelope(|sig| {
            sig.address = format!("01{}", "00".repeat(31));
            sig.sig = format!("01{}", "00".repeat(63));
        }),
    ),
    (
        "address: not a point",
        "address",
        BAD_ADDRESS,
        At::Envelope(|sig| sig.address = format!("02{}", "00".repeat(31))),
    ),
    (
        "address: one byte short",
        "address",
        BAD_ADDRESS,
        At::Envelope(|sig| sig.address.truncate(62)),
    ),
    (
        "address: not hexadecimal",
        "address",
        BAD_ADDRESS,
        At::Envelope(|sig| sig.address.replace_range(0..1, "g")),
    ),
    (
        "signedMessage: a space more, unsigned",
        "sig",
        UNVERIFIED,
        At::Envelope(|sig| sig.signed_message.push(' ')),
    ),
    (
        "signedMessage: not JSON",
        "signedMessage",
        BAD_MESSAGE,
        At::MessageText(|text| text.replacen('{', "", 1)),
    ),
    (
        "signedMessage: no object",
        "signedMessage",
        BAD_MESSAGE,
        At::MessageText(|text| format!("[{text}]")),
    ),
    ("signedMessage: empty", "signedMessage", BAD_MESSAGE, At::MessageText(|_| String::new())),
    (
        "sessionKey: missing",
        "sessionKey",
        BAD_MESSAGE,
        At::Message(|message, _| drop(message.remove("sessionKey"))),
    ),
    (
        "sessionKey: a number",
        "sessionKey",
        BAD_MESSAGE,
        At::Message(|message, _| set(message, "sessionKey", 1)),
    ),
    (
        "sessionKey: another key",
        "sessionKey",
        INVALID,
        At::Message(|message, _| set(message, "sessionKey", ANOTHER_KEY)),
    ),
    (
        "sessionKey: not hexadecimal",
        "sessionKey",
        BAD_KEY,
        At::Message(|message, _| set(message, "sessionKey", "g")),
    ),
    (
        "requests: missing",
        REQUESTS,
        SCOPE,
        At::Message(|message, _| drop(message.remove(REQUESTS))),
    ),
    (
        "requests: empty",
        REQUESTS,
        SCOPE,
        At::Message(|message, _| set(message, REQUESTS, json!([]))),
    ),
    (
        "requests: no list",
        REQUESTS,
        BAD_MESSAGE,
        At::Message(|message, _| set(message, REQUESTS, json!({}))),
    ),
    (
        "requests: without a resource",
        "[0].resource",
        BAD_MESSAGE,
        At::Message(|message, _| {
            set(message, REQUESTS, json!([{ "ability": "pkp-signing" }]));
        }),
    ),
    (
        "requests: too many",
        REQUESTS,
        BAD_MESSAGE,
        At::Message(|message, _| {
            let first = message[REQUESTS][0].clone();
            set(message, REQUESTS, vec![first; MAX_SESSION_REQUESTS + 1]);
        }),
    ),
    ("requests: another resource id", REQUESTS, SCOPE, At::EachRequest("resource", "ff")),
    ("requests: a pattern in place of an id", REQUESTS, SCOPE, At::EachRequest("resource", "**")),
    (
        "requests: another prefix",
        REQUESTS,
        SCOPE,
        At::EachRequest("resourcePrefix", "lit-ratelimitincrease"),
    ),
    (
        "requests: another ability",
        REQUESTS,
        SCOPE,
        At::Message(|message, _| {
            for request in message[REQUESTS].as_array_mut().into_iter().flatten() {
                request["ability"] = json!("rate-limit-increase-auth");
            }
        }),
    ),
    (
        "capabilities: missing",
        "capabilities",
        NO_CAPABILITY,
        At::Message(|message, _| drop(message.remove("capabilities"))),
    ),
    (
        "capabilities: empty",
        "capabilities",
        NO_CAPABILITY,
        At::Message(|message, _| set(message, "capabilities", json!([]))),
    ),
    (
        "capabilities: no list",
        "capabilities",
        BAD_MESSAGE,
        At::Message(|message, _| set(message, "capabilities", "x")),
    ),
    (
        "capabilities: too many",
        "capabilities",
        BAD_MESSAGE,
        At::Message(|message, _| {
            let first = message["capabilities"][0].clone();
            set(message, "capabilities", vec![first; MAX_CAPABILITIES + 1]);
        }),
    ),
    (
        "capabilities: without a signature",
        "[0].sig",
        BAD_MESSAGE,
        At::Message(|message, _| {
            message["capabilities"][0]["sig"] = Value::Null;
        }),
    ),
    (
        "issuedAt: missing",
        "issuedAt",
        BAD_MESSAGE,
        At::Message(|message, _| drop(message.remove("issuedAt"))),
    ),
    (
        "issuedAt: no timestamp",
        "issuedAt",
        BAD_MESSAGE,
        At::Message(|message, _| set(message, "issuedAt", "today")),
    ),
    (
        "issuedAt: in the future",
        "issuedAt",
        INVALID,
        At::Message(|message, case| {
            set(message, "issuedAt", case.time(Duration::minutes(10)));
        }),
    ),
    (
        "expiration: missing",
        "expiration",
        BAD_MESSAGE,
        At::Message(|message, _| drop(message.remove("expiration"))),
    ),
    (
        "expiration: no timestamp",
        "expiration",
        BAD_MESSAGE,
        At::Message(|message, _| set(message, "expiration", 0)),
    ),
    (
        "expiration: in the past",
        "expiration",
        INVALID,
        At::Message(|message, case| {
            set(message, "issuedAt", case.time(Duration::hours(-2)));
            set(message, "expiration", case.time(Duration::hours(-1)));
        }),
    ),
    (
        "expiration: before the time of issue",
        "expiration",
        INVALID,
        At::Message(|message, case| {
            set(message, "expiration", case.time(Duration::seconds(-30)));
        }),
    ),
    (
        "expiration: beyond the longest span",
        "expiration",
        INVALID,
        At::Message(|message, case| {
            set(message, "expiration", case.time(Duration::days(31)));
        }),
    ),
    (
        "nodeAddress: missing",
        "nodeAddress",
        BAD_MESSAGE,
        At::Message(|message, _| drop(message.remove("nodeAddress"))),
    ),
    (
        "nodeAddress: another port",
        "nodeAddress",
        INVALID,
        At::Message(|message, _| set(message, "nodeAddress", "http://127.0.0.1:1")),
    ),
    (
        "nodeAddress: another host",
        "nodeAddress",
        INVALID,
        At::Message(|message, case| {
            set(message, "nodeAddress", case.node_url.replacen("://", "://elsewhere.", 1));
        }),
    ),
    (
        "nodeAddress: with a path",
        "nodeAddress",
        INVALID,
        At::Message(|message, case| {
            set(message, "nodeAddress", format!("{}/web", case.node_url));
        }),
    ),
    (
        "nodeAddress: empty",
        "nodeAddress",
        INVALID,
        At::Message(|message, _| set(message, "nodeAddress", "")),
    ),
];

const REQUESTS: &str = "resourceAbilityRequests";
const ANOTHER_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn set(message: &mut serde_json::Map<String, Value>, field: &str, value: impl Into<Value>) {
    message.insert(field.to_owned(), value.into());
}

/// The same signature with s + L in place of s, in little endian: equal modulo L, and never to be
/// accepted.
fn plus_order(signature: &str) -> String {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let bytes = hex::decode(signature).unwrap_or_default();
    let (nonce, scalar) = bytes.split_at(bytes.len().min(32));
    let mut carry = 0;
    let add = |(digit, order): (&u8, u8)| {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        carry = sum >> 8;
        (sum & 0xff) as u8
    };
    let sum: Vec<u8> = scalar.iter().zip(ORDER).map(add).collect();
    format!("{}{}", hex::encode(nonce), hex::encode(sum))
}
