//! uint8arrayToString and uint8arrayFromString answer as the package `uint8arrays` does.

use conclave_actions::Limits;
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn answers_as_the_stock_package_does() {
    let limits = Limits { response_bytes: 1 << 20, ..Limits::default() };
    let outcome = run(with_limits(include_str!("../uint8arrays/cases.js"), limits)).await.unwrap();
    let answers: serde_json::Map<String, Value> = serde_json::from_str(&outcome.response).unwrap();
    let expected: serde_json::Map<String, Value> =
        serde_json::from_str(include_str!("../uint8arrays/expected.json")).unwrap();
    assert!(expected.len() > 500, "{}", expected.len());
    for (name, expected) in &expected {
        assert_eq!(answers.get(name), Some(expected), "{name}");
    }
    assert_eq!(answers.len(), expected.len());
}

#[tokio::test]
async fn reads_utf8_unless_told_otherwise() {
    let facts = "[
        Array.from(uint8arrayFromString('h\u{e9}')), uint8arrayToString(new Uint8Array([104, 195, 169])),
        uint8arrayToString([255], 'base16'), uint8arrayFromString === Lit.Actions.uint8arrayFromString,
        uint8arrayToString === Lit.Actions.uint8arrayToString]";
    assert_eq!(value(facts).await, json!([[104, 195, 169], "h\u{e9}", "ff", true, true]));
}

#[tokio::test]
async fn refuses_encodings_and_values_that_it_does_not_know() {
    assert_eq!(
        message(failure("uint8arrayToString(new Uint8Array(), 'rot13')").await),
        "Error: Unsupported encoding \"rot13\""
    );
    assert_eq!(
        message(failure("uint8arrayFromString('', 'toString')").await),
        "Error: Unsupported encoding \"toString\""
    );
    assert!(message(failure("uint8arrayToString('text')").await).contains("must be binary type"));
}
