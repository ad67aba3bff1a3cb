//! The error catalogue against its description for readers, and the shape of an error body.

use std::collections::BTreeSet;

use conclave_wire::limits::{MAX_ERROR_DETAILS, MAX_ERROR_MESSAGE_BYTES};
use conclave_wire::{ErrorBody, ErrorCode, RequestId};

const DESCRIPTION: &str = include_str!("../../../docs/errors.md");

fn described() -> Vec<String> {
    let cells = |line: &str| {
        let mut cells =
            line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned());
        let [code, status, kind, when, retry] =
            std::array::from_fn(|_| cells.next().expect("five cells"));
        assert!(!when.is_empty(), "{code} says when it occurs");
        format!("{code} {status} {kind} {retry}")
    };
    DESCRIPTION.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

#[test]
fn the_document_lists_every_code_with_its_status_kind_and_retry() {
    let retry = |code: &ErrorCode| if code.retryable() { "yes" } else { "no" };
    let catalogue: Vec<String> = ErrorCode::ALL
        .iter()
        .map(|code| format!("{code} {} {} {}", code.status(), code.kind().as_str(), retry(code)))
        .collect();
    assert_eq!(described(), catalogue);
}

#[test]
fn no_two_codes_share_a_text_and_each_reads_back() {
    let texts: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), ErrorCode::ALL.len());
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::from_text(code.as_str()), Some(*code));
        assert!((400..=599).contains(&code.status()), "{code}");
    }
    assert_eq!(ErrorCode::from_text("NodeUnheardOf"), None);
}

#[test]
fn a_body_has_the_shape_that_sdks_read() {
    let id = RequestId::parse("lit_1").expect("valid");
    let body =
        ErrorBody::new(ErrorCode::NodeInvalidAuthSig, "no", Some(&id)).with_details(["cause"]);
    assert_eq!(
        serde_json::to_string(&body).expect("serialises"),
        r#"{"errorKind":"Validation","errorCode":"NodeInvalidAuthSig","status":401,"message":"no","correlationId":"lit_1","details":["cause"],"retryable":false}"#
    );
    let back: ErrorBody =
        serde_json::from_str(&serde_json::to_string(&body).expect("serialises")).expect("reads");
    assert_eq!(back, body);
    assert_eq!(back.code(), Some(ErrorCode::NodeInvalidAuthSig));
}

#[test]
fn a_failed_action_also_carries_its_error_and_logs() {
    let body = ErrorBody::new(ErrorCode::NodeJsExecutionError, "it threw", None)
        .with_action_failure("Error: x", "before\n");
    let json = serde_json::to_value(&body).expect("serialises");
    assert_eq!(json["success"], false);
    assert_eq!(json["error"], "Error: x");
    assert_eq!(json["logs"], "before\n");
    assert_eq!(serde_json::from_value::<ErrorBody>(json).expect("reads"), body);
}

#[test]
fn messages_and_details_are_bounded() {
    let exact = "m".repeat(MAX_ERROR_MESSAGE_BYTES);
    let longer = format!("{}é", "m".repeat(MAX_ERROR_MESSAGE_BYTES - 1));
    assert_eq!(ErrorBody::new(ErrorCode::NodeSystemFault, &exact, None).message, exact);
    assert_eq!(
        ErrorBody::new(ErrorCode::NodeSystemFault, &longer, None).message.len(),
        MAX_ERROR_MESSAGE_BYTES - 1
    );
    let body = ErrorBody::new(ErrorCode::NodeSystemFault, "", None);
    assert_eq!(
        body.clone().with_details(vec!["d"; MAX_ERROR_DETAILS]).details.len(),
        MAX_ERROR_DETAILS
    );
    assert_eq!(
        body.with_details(vec!["d"; MAX_ERROR_DETAILS + 1]).details.len(),
        MAX_ERROR_DETAILS
    );
}
