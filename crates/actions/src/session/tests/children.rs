//! What a child is, and what its parent and the node see of it.

use super::family::{Ran, family, run_first};
use super::library::refusal;
use super::*;
use crate::action::{CODE_BYTES_MAX, PARAMETER_BYTES_MAX};

#[tokio::test]
async fn the_response_of_a_child_is_what_its_parent_gets() {
    let ran = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", "respond from the child")]).await;
    assert_eq!((ran.most, ran.left), (2, 0));
    assert_eq!(ran.response(), "from the child");
}

#[tokio::test]
async fn a_child_without_code_responds_with_nothing_and_takes_no_worker() {
    let ran = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", " \n\t")]).await;
    assert_eq!(ran.most, 1);
    assert_eq!(ran.response(), "");
}

#[tokio::test]
async fn a_child_knows_its_own_name_and_those_that_called_it() {
    let actions = [("Qm1", "call Qm2\nawait"), ("Qm2", "call Qm3\nawait"), ("Qm3", "auth")];
    let auth: serde_json::Value = family(&actions).await.response().parse().unwrap();
    assert_eq!(auth["actionIpfsIds"], serde_json::json!(["Qm3"]));
    assert_eq!(auth["actionIpfsIdStack"], serde_json::json!(["Qm1", "Qm2", "Qm3"]));
    assert_eq!(auth["resources"], serde_json::json!(["resource"]));
}

#[tokio::test]
async fn a_child_signs_in_its_own_name() {
    let ran = family(&[("Qm1", "call Qm2\nawait\nsign\nawait"), ("Qm2", "sign\nawait")]).await;
    assert_eq!(ran.signed, ["Qm2", "Qm1"]);
    assert_eq!(ran.response(), "signed; signed");
}

#[tokio::test]
async fn a_child_gets_its_parameters_and_only_objects_are_such() {
    let ran = family(&[("Qm1", "call Qm2 {\"a\":[1]}\nawait"), ("Qm2", "params")]).await;
    assert_eq!(ran.response(), "{\"a\":[1]}");
    for params in ["[]", "1", "{", "{}{}", "null"] {
        let ran = family(&[("Qm1", &format!("call Qm2 {params}\nawait")), ("Qm2", "params")]).await;
        assert_eq!(ran.response(), "InvalidArgument: params must be an object", "{params}");
    }
}

#[tokio::test]
async fn names_and_parameters_of_children_have_a_greatest_length() {
    let params = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let small_answer = |ran: Ran| ran.result.map(|outcome| outcome.response.len());
    let limits =
        Limits { time: Duration::from_secs(10), response_bytes: u32::MAX, ..Limits::default() };
    let longest = params(PARAMETER_BYTES_MAX);
    let ran = run_first(
        &[("Qm1", &format!("call Qm2 {longest}\nawait")), ("Qm2", "params")],
        limits.clone(),
    )
    .await;
    assert_eq!(small_answer(ran).unwrap(), PARAMETER_BYTES_MAX);
    let longer = params(PARAMETER_BYTES_MAX + 1);
    let ran =
        run_first(&[("Qm1", &format!("call Qm2 {longer}\nawait")), ("Qm2", "params")], limits)
            .await;
    assert_eq!(ran.response(), "InvalidArgument: params has at most 1048576 bytes");

    for (length, expected) in [
        (NAME_BYTES_MAX, "NodeNoSuchAction: no such action (retry)"),
        (NAME_BYTES_MAX + 1, "InvalidArgument: ipfsId has at most 256 bytes"),
    ] {
        let ran = family(&[("Qm1", &format!("call {}\nawait", "Q".repeat(length)))]).await;
        assert_eq!(ran.response(), expected);
    }
}

#[tokio::test]
async fn code_of_a_child_has_a_greatest_length() {
    let code = |bytes: usize| format!("respond short\n{}", " ".repeat(bytes - 14));
    let longest = code(CODE_BYTES_MAX);
    assert_eq!(family(&[("Qm1", "call Qm2\nawait"), ("Qm2", &longest)]).await.response(), "short");
    let longer = code(CODE_BYTES_MAX + 1);
    let refused = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", &longer)]).await.response();
    assert_eq!(
        refused,
        "LimitExceeded: Code payload is too large (16777217 bytes). Max length is 16777216 bytes."
    );
}

#[tokio::test]
async fn a_family_shares_one_budget() {
    let limits =
        |signatures| Limits { time: Duration::from_secs(10), signatures, ..Limits::default() };
    let actions = [("Qm1", "sign\ncall Qm2\nawait\nsign\nawait"), ("Qm2", "sign\nawait")];
    let ran = run_first(&actions, limits(3)).await;
    assert_eq!(ran.response(), "signed; signed; signed");
    let ran = run_first(&actions, limits(2)).await;
    assert_eq!(ran.signed.len(), 2);
    assert_eq!(
        ran.response(),
        format!("signed; signed; LimitExceeded: {}", Limit::Signatures.message(2))
    );
}

#[tokio::test]
async fn children_go_as_deep_as_the_limit_says_and_no_deeper() {
    async fn deepest(others: &str, deepest: &str) -> Ran {
        let code = |child: &str| format!("call {child}\nawait{others}");
        let codes = ["Qm1", "Qm2", "Qm3", "Qm4", "Qm5"].map(code);
        let callers =
            ["Qm0", "Qm1", "Qm2", "Qm3", "Qm4"].into_iter().zip(codes.iter().map(String::as_str));
        family(&callers.chain([("Qm5", deepest)]).collect::<Vec<_>>()).await
    }
    assert_eq!(deepest("", "respond deep").await.response(), "deep");
    let refused = deepest("", "call Qm0\nawait").await.response();
    assert_eq!(refused, format!("LimitExceeded: {}", Limit::Depth.message(5)));
    let uncaught = deepest("\nrethrow it", "call Qm0\nawait\nrethrow it").await.failure();
    assert_eq!(
        uncaught,
        RunErrorKind::Limit { limit: Limit::Depth, max: 5 },
        "through five that do not catch it"
    );
}

#[tokio::test]
async fn an_action_that_calls_itself_ends() {
    let ran = family(&[("Qm1", "call Qm1\nawait")]).await;
    assert_eq!(ran.most, 6);
    assert_eq!(ran.response(), format!("LimitExceeded: {}", Limit::Depth.message(5)));
}

#[tokio::test]
async fn no_more_than_two_children_of_a_request_run_at_the_same_time() {
    // Each ends only once there are two besides their parent.
    let actions =
        [("Qm1", "call Qm2\ncall Qm2\ncall Qm2\ncall Qm2\nawait"), ("Qm2", "wait 3\nrespond x")];
    let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
    let ran = run_first(&actions, limits).await;
    assert_eq!(ran.most, 3);
    assert_eq!(ran.response(), "x; x; x; x");
}

#[tokio::test]
async fn what_children_log_stands_where_they_ended() {
    let actions = [
        ("Qm1", "log a\ncall Qm2\nawait\nlog c\ncall Qm3\nawait\nlog e"),
        ("Qm2", "log b"),
        ("Qm3", "log d\nthrow x"),
    ];
    assert_eq!(family(&actions).await.result.unwrap().logs, "a\nb\nc\nd\ne\n");
    let uncaught = [("Qm1", "log a\ncall Qm2\nawait\nrethrow x"), ("Qm2", "log b\nthrow x")];
    assert_eq!(family(&uncaught).await.result.unwrap_err().logs, "a\nb\n");
}

#[tokio::test]
async fn what_children_log_counts_among_what_their_parent_logs() {
    let limits =
        |log_bytes| Limits { time: Duration::from_secs(10), log_bytes, ..Limits::default() };
    let actions = [("Qm1", "log 34567\ncall Qm2\nawait"), ("Qm2", "log 2\nlog 4")];
    assert_eq!(run_first(&actions, limits(10)).await.result.unwrap().logs, "34567\n2\n4\n");
    let ran = run_first(&actions, limits(9)).await;
    assert_eq!(ran.failure(), RunErrorKind::Limit { limit: Limit::LogBytes, max: 9 });
}

#[tokio::test]
async fn a_parent_can_catch_what_its_child_throws() {
    let ran = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", "throw TypeError: no")]).await;
    assert_eq!(ran.response(), "ChildFailed: TypeError: no");
    // It threw it itself, then: the position is that in its own code.
    let uncaught = family(&[
        ("Qm1", "call Qm2\nawait\nrethrow Error: TypeError: no"),
        ("Qm2", "throw TypeError: no"),
    ])
    .await;
    let message = "Error: TypeError: no".to_owned();
    assert_eq!(uncaught.failure(), RunErrorKind::Thrown { message, line: None, column: None });
}

#[tokio::test]
async fn what_the_node_refuses_a_child_is_known_as_such_at_the_top() {
    let refused = [("Qm1", "call Qm2\nawait"), ("Qm2", "call Qm9\nawait\nrethrow it")];
    assert_eq!(family(&refused).await.response(), "NodeNoSuchAction: no such action (retry)");
    let uncaught = [("Qm1", "call Qm2\nawait\nrethrow it"), ("Qm2", "call Qm9\nawait\nrethrow it")];
    assert_eq!(family(&uncaught).await.failure(), RunErrorKind::Host(refusal()));
}

#[tokio::test]
async fn a_child_is_killed_with_its_parent() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    for (parent, left) in [
        ("call Qm2\nawait", 0),
        ("call Qm2\nwait 2\nrespond early", 0),
        ("call Qm2\nwait 2\nthrow early", 0),
    ] {
        let ran = run_first(
            &[("Qm1", parent), ("Qm2", "call Qm3\nawait"), ("Qm3", "hang")],
            limits.clone(),
        )
        .await;
        assert_eq!(ran.left, left, "{parent}");
        match (parent.contains("early"), ran.result) {
            (false, Err(RunError { kind: RunErrorKind::Timeout { limit }, .. })) => {
                assert_eq!(limit, limits.time)
            }
            (true, Ok(_) | Err(RunError { kind: RunErrorKind::Thrown { .. }, .. })) => {}
            (_, other) => panic!("{parent}: {other:?}"),
        }
    }
}
