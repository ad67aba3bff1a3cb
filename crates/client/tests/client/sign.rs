use super::support::{Conduct, DIGEST, patient, start, start_with, told};
use conclave_client::{
    Ability, Grant, MAX_RESPONSE_BYTES, NodeFault, Options, SignError, Signature, WalletKey,
};
use conclave_wire::ErrorCode;
use k256::ecdsa::{RecoveryId, VerifyingKey};
use std::collections::BTreeSet;
use std::time::Duration;

fn recovers(signature: &Signature, public_key: &WalletKey) -> bool {
    let bytes = signature.to_bytes();
    let ecdsa = k256::ecdsa::Signature::from_slice(&bytes[..64]).expect("a signature");
    let id = RecoveryId::from_byte(bytes[64] - 27).expect("a recovery id");
    let key = VerifyingKey::recover_from_prehash(DIGEST.as_bytes(), &ecdsa, id).expect("a key");
    key.to_sec1_point(false).as_bytes() == public_key.uncompressed() && ecdsa.normalize_s() == ecdsa
}

/// The faults of a failed call.
fn faults(error: SignError) -> Vec<(u16, NodeFault)> {
    match error {
        SignError::Shortfall(shortfall) => {
            shortfall.failures.into_iter().map(|failure| (failure.node, failure.fault)).collect()
        }
        SignError::Randomness(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn signs_with_three_five_and_ten_nodes() {
    for n in [3, 5, 10] {
        let fake = start_with(n, &[], patient()).await;
        let signed = fake.sign().await.expect("all are honest");
        assert!(recovers(&signed.signature, &fake.ceremony.public_key()), "{n} nodes");
        assert_eq!(signed.signature.public_key, fake.ceremony.public_key());
        assert!(signed.failures.is_empty(), "{:?}", signed.failures);
    }
}

#[tokio::test]
async fn every_node_gets_the_same_request_id_and_every_call_another() {
    let fake =
        start_with(3, &[Conduct::Refuses(ErrorCode::NodePKPNotAuthorized); 3], patient()).await;
    fake.sign().await.expect_err("refused");
    fake.sign().await.expect_err("refused");
    let ids = fake.ceremony.requests();
    assert!(ids.len() >= 4, "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 2, "{ids:?}");
}

#[tokio::test]
async fn a_dead_node_outside_the_set_costs_nothing_and_is_named_when_it_was_seen() {
    let fake = start_with(3, &[Conduct::Honest, Conduct::Honest, Conduct::Dead], patient()).await;
    let signed = fake.sign().await.expect("two are enough");
    assert!(signed.failures.iter().all(|failure| failure.node == 3), "{:?}", signed.failures);
}

#[tokio::test]
async fn does_not_wait_for_a_stalled_node_once_the_threshold_has_answered() {
    let fake = start_with(3, &[Conduct::Stalled], patient()).await;
    fake.ceremony.sign_with(&[&[2, 3]]);
    // The limit of a node's own time is 120 s: the call ends without it, or the test does not.
    tokio::time::timeout(Duration::from_secs(60), fake.sign())
        .await
        .expect("no wait")
        .expect("two are enough");
}

#[tokio::test]
async fn fewer_than_the_threshold_is_an_error_that_names_every_absent_node() {
    let fake = start(3, &[Conduct::Honest, Conduct::Dead, Conduct::Stalled]).await;
    let error = fake.sign().await.expect_err("one is not enough");
    assert!(error.retry_helps());
    let faults = faults(error);
    assert!(
        matches!(
            faults.as_slice(),
            [(2, NodeFault::Unreachable { .. }), (3, NodeFault::Silent { seconds: 2 })]
        ),
        "{faults:?}"
    );
}

#[tokio::test]
async fn ends_as_soon_as_too_few_are_left_to_answer() {
    let refuses = Conduct::Refuses(ErrorCode::NodePKPNotAuthorized);
    let fake = start_with(3, &[refuses, refuses, Conduct::Stalled], patient()).await;
    let error = tokio::time::timeout(Duration::from_secs(60), fake.sign())
        .await
        .expect("no wait")
        .expect_err("refused");
    assert!(!error.retry_helps());
    let SignError::Shortfall(shortfall) = &error else { panic!("{error}") };
    assert_eq!(shortfall.known_code(), Some(ErrorCode::NodePKPNotAuthorized));
    assert_eq!(error.to_string(), "2 of 3 nodes refuse: NodePKPNotAuthorized: no");
}

#[tokio::test]
async fn names_the_node_that_lies_about_its_share() {
    for conduct in [Conduct::OtherShare, Conduct::CertifiedWrongShare] {
        let fake = start_with(3, &[Conduct::Honest, conduct], patient()).await;
        let error = fake.sign().await.expect_err("the sum is wrong");
        assert!(error.to_string().starts_with("node 2 (http://"), "{error}");
        assert!(error.to_string().contains("wrong share"), "{error}");
        assert_eq!(faults(error).len(), 1, "{conduct:?}");
    }
}

#[tokio::test]
async fn names_the_node_that_lies_about_its_commitments_or_those_of_others() {
    for (conduct, check) in
        [(Conduct::AlteredLeaf, "\"leaf\""), (Conduct::AlteredDelta, "\"bind messages\"")]
    {
        let fake = start_with(3, &[Conduct::Honest, conduct], patient()).await;
        let error = fake.sign().await.expect_err("the sum is wrong");
        assert!(error.to_string().contains(check), "{error}");
        let faults = faults(error);
        assert!(matches!(faults.as_slice(), [(2, NodeFault::Cheated(_))]), "{faults:?}");
    }
}

#[tokio::test]
async fn names_the_node_whose_answer_is_not_its_own_or_not_for_this_request() {
    for (conduct, words) in [
        (Conduct::NoCertificate, "without a readable certificate"),
        (Conduct::Impostor(1), "answered for another node"),
        (Conduct::Replay, "is for another request"),
        (Conduct::OldEpoch, "is for another epoch"),
        (Conduct::OtherDigest, "answered for another digest"),
    ] {
        let fake = start_with(3, &[Conduct::Honest, conduct], patient()).await;
        let error = fake.sign().await.expect_err("no sum");
        let faults = faults(error);
        assert!(
            matches!(faults.as_slice(), [(2, fault)] if fault.is_cheating() && fault.to_string().contains(words)),
            "{conduct:?}: {faults:?}"
        );
    }
}

#[tokio::test]
async fn a_liar_outside_the_set_cannot_spoil_a_signature() {
    // Node 1 repeats what node 2 answers, so three shares are there for two places.
    let fake = start_with(5, &[Conduct::Impostor(2), Conduct::Honest], patient()).await;
    fake.ceremony.sign_with(&[&[2, 3, 4, 5]]);
    let signed = fake.sign().await.expect("four are honest");
    assert!(recovers(&signed.signature, &fake.ceremony.public_key()));
    assert!(
        signed.failures.iter().all(|failure| failure.node == 1 && failure.fault.is_cheating()),
        "{:?}",
        signed.failures
    );
}

#[tokio::test]
async fn a_retry_with_another_set_succeeds_and_still_reports_the_liar() {
    let fake =
        start_with(3, &[Conduct::Honest, Conduct::OtherShare], Options { retries: 1, ..patient() })
            .await;
    fake.ceremony.sign_with(&[&[1, 2], &[1, 3]]);
    let signed = fake.sign().await.expect("the second set is honest");
    assert_eq!(told(&signed.failures), [(2, NodeFault::OtherShare.to_string())]);
    assert_eq!(fake.ceremony.requests().iter().collect::<BTreeSet<_>>().len(), 2);
}

#[tokio::test]
async fn makes_a_retryable_call_as_often_as_allowed_and_a_final_one_once() {
    for (code, calls) in [(ErrorCode::ConclaveRetry, 3), (ErrorCode::NodePKPNotAuthorized, 1)] {
        let refuses = Conduct::Refuses(code);
        let fake = start_with(3, &[refuses; 3], Options { retries: 2, ..patient() }).await;
        let error = fake.sign().await.expect_err("refused");
        assert_eq!(error.retry_helps(), calls > 1);
        assert_eq!(fake.ceremony.requests().iter().collect::<BTreeSet<_>>().len(), calls, "{code}");
    }
}

#[tokio::test]
async fn a_session_for_something_else_is_refused_by_the_nodes() {
    let fake = start_with(3, &[], patient()).await;
    let session = fake.session_for(vec![Grant::any(Ability::ActionExecution)]);
    let error = fake
        .network
        .sign(&session, &fake.ceremony.public_key(), DIGEST)
        .await
        .expect_err("not granted");
    let SignError::Shortfall(shortfall) = error else { panic!("{error}") };
    assert_eq!(shortfall.known_code(), Some(ErrorCode::NodeAuthSigScopeTooLimited));
}

#[tokio::test]
async fn reads_the_longest_answer_and_refuses_one_byte_more() {
    let fake = start_with(3, &[Conduct::Padded(MAX_RESPONSE_BYTES)], patient()).await;
    fake.sign().await.expect("the longest answer is read");

    let fake = start_with(3, &[Conduct::Padded(MAX_RESPONSE_BYTES + 1)], patient()).await;
    let faults = faults(fake.sign().await.expect_err("one share is missing"));
    assert_eq!(faults, [(1, NodeFault::TooLong { limit: MAX_RESPONSE_BYTES })]);
}

#[tokio::test]
async fn an_answer_that_is_no_json_or_other_json_is_the_node_s_fault() {
    for text in ["<html>", "", "{}", "[]", "null", "\"done\""] {
        let fake = start_with(3, &[Conduct::Says(text)], patient()).await;
        let faults = faults(fake.sign().await.expect_err("one share is missing"));
        assert_eq!(faults, [(1, NodeFault::NotJson { status: 200 })], "{text}");
    }
}
