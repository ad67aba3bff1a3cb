use super::support::{Conduct, DIGEST, patient, start_with, told};
use conclave_client::{NodeFault, Options, RunError, Shortfall};
use conclave_wire::ErrorCode;

fn shortfall(error: RunError) -> Shortfall {
    match error {
        RunError::Shortfall(shortfall) => shortfall,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn returns_response_logs_and_every_signature() {
    let fake = start_with(3, &[], patient()).await;
    let result = fake.run(&["first", "second"]).await.expect("all are honest");
    assert_eq!(result.response, "done");
    assert!(result.logs.starts_with("logs of node "), "{}", result.logs);
    assert_eq!(result.signatures.keys().collect::<Vec<_>>(), ["first", "second"]);
    for signature in result.signatures.values() {
        assert_eq!((signature.public_key, signature.digest), (fake.ceremony.public_key(), DIGEST));
    }
    assert_ne!(result.signatures["first"].r, result.signatures["second"].r);
}

#[tokio::test]
async fn an_action_without_signatures_needs_only_agreement() {
    let fake = start_with(3, &[Conduct::Dead], patient()).await;
    let result = fake.run(&[]).await.expect("two are enough");
    assert_eq!((result.response.as_str(), result.signatures.len()), ("done", 0));
}

#[tokio::test]
async fn one_other_response_is_outvoted_and_its_node_s_share_still_counts() {
    let fake = start_with(3, &[Conduct::Responds("other")], patient()).await;
    fake.ceremony.sign_with(&[&[1, 2]]);
    let result = fake.run(&["sig"]).await.expect("two agree");
    assert_eq!((result.response.as_str(), result.signatures.len()), ("done", 1));
}

#[tokio::test]
async fn a_node_can_neither_hide_a_signature_nor_make_one_up() {
    for conduct in [Conduct::HidesSignatures, Conduct::AddsSignature] {
        let fake = start_with(3, &[Conduct::Honest, Conduct::Honest, conduct], patient()).await;
        let result = fake.run(&["sig"]).await.expect("two are honest");
        assert_eq!(result.signatures.keys().collect::<Vec<_>>(), ["sig"]);
    }
}

#[tokio::test]
async fn different_responses_are_shown_with_their_nodes() {
    let fake = start_with(
        3,
        &[Conduct::Responds("a"), Conduct::Responds("b"), Conduct::Responds("c")],
        patient(),
    )
    .await;
    let error = fake.run(&[]).await.expect_err("no two agree");
    assert!(error.retry_helps());
    for part in [
        "on [1] with the response \"a\"",
        "on [2] with the response \"b\"",
        "on [3] with the response \"c\"",
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(matches!(error, RunError::Split(split) if split.outcomes.len() == 3));
}

#[tokio::test]
async fn names_the_node_that_lies_about_its_share_of_one_signature() {
    let fake = start_with(3, &[Conduct::Honest, Conduct::OtherShare], patient()).await;
    let shortfall = shortfall(fake.run(&["sig"]).await.expect_err("the sum is wrong"));
    assert_eq!(told(&shortfall.failures), [(2, NodeFault::OtherShare.to_string())]);
}

#[tokio::test]
async fn a_share_for_another_request_is_named_whatever_numbers_the_parameters_hold() {
    let fake = start_with(3, &[Conduct::Honest, Conduct::Replay], patient()).await;
    let shortfall = shortfall(fake.run(&["sig"]).await.expect_err("no sum"));
    assert_eq!(
        shortfall.failures.iter().map(|failure| failure.node).collect::<Vec<_>>(),
        [2],
        "{shortfall}"
    );
    assert!(shortfall.to_string().contains("is for another request"), "{shortfall}");
}

#[tokio::test]
async fn an_action_s_error_is_what_the_nodes_say() {
    let throws = Conduct::Refuses(ErrorCode::NodeJsExecutionError);
    let fake = start_with(3, &[throws; 3], Options { retries: 2, ..patient() }).await;
    let error = fake.run(&["sig"]).await.expect_err("it throws");
    assert!(!error.retry_helps());
    assert_eq!(shortfall(error).known_code(), Some(ErrorCode::NodeJsExecutionError));
}
