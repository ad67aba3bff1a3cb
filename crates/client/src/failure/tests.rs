use super::*;

fn refusal(code: ErrorCode) -> NodeFault {
    NodeFault::Refused(Box::new(ErrorBody::new(code, "words", None)))
}

fn silent() -> NodeFault {
    NodeFault::Silent { seconds: 1 }
}

/// A call to 3 nodes of which 2 are needed.
fn shortfall(faults: Vec<NodeFault>) -> Shortfall {
    let failures = faults.into_iter().zip(1..).map(|(fault, node)| NodeFailure {
        node,
        url: format!("http://n{node}"),
        fault,
    });
    let request_id = RequestId::parse("test").expect("an id");
    Shortfall { request_id, threshold: 2, members: 3, failures: failures.collect() }
}

#[test]
fn a_retry_helps_unless_too_few_are_left_that_may_still_agree() {
    let (no, later) = (refusal(ErrorCode::NodePKPNotAuthorized), refusal(ErrorCode::ConclaveRetry));
    for (faults, helps, at_once) in [
        (vec![later.clone(), later.clone(), later.clone()], true, true),
        (vec![no.clone(), later.clone(), later.clone()], true, true),
        (vec![no.clone(), no.clone(), later], false, false),
        (vec![NodeFault::OtherShare], true, true),
        (vec![NodeFault::OtherShare, NodeFault::NoCertificate], false, false),
        (vec![silent(), silent()], true, false),
        (vec![silent(), no], true, false),
    ] {
        let shortfall = shortfall(faults);
        assert_eq!(
            (shortfall.retry_helps(), shortfall.retry_helps_now()),
            (helps, at_once),
            "{shortfall}"
        );
    }
}

#[test]
fn says_what_most_nodes_refuse_in_one_sentence() {
    let no = || refusal(ErrorCode::NodePKPNotAuthorized);
    let error = shortfall(vec![no(), no(), silent()]);
    assert_eq!(error.to_string(), "2 of 3 nodes refuse: NodePKPNotAuthorized: words");
    assert_eq!(error.known_code(), Some(ErrorCode::NodePKPNotAuthorized));
}

#[test]
fn names_every_node_when_they_fail_for_different_reasons() {
    let error = shortfall(vec![refusal(ErrorCode::NodeRpcError), silent()]).to_string();
    assert!(error.contains("node 1 (http://n1) refused: NodeRpcError: words"), "{error}");
    assert!(error.contains("node 2 (http://n2) did not answer within 1 s"), "{error}");
}

#[test]
fn a_cheat_is_named_before_everything_else() {
    let error = shortfall(vec![silent(), NodeFault::OtherShare, silent()]);
    assert!(error.to_string().starts_with("node 2 (http://n2) gave a wrong share"), "{error}");
    assert_eq!(error.culprits().map(|failure| failure.node).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_node_s_words_are_cut_at_the_limit_and_cannot_steer_a_terminal() {
    let exact = "x".repeat(MAX_FOREIGN_TEXT);
    assert_eq!(clean(&exact), exact);
    assert_eq!(clean(&format!("{exact}y")), format!("{exact}…"));
    assert_eq!(clean("a\u{1b}[31m\nb"), "a [31m b");
}
