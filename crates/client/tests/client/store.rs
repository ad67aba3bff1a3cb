use super::support::{Conduct, patient, start_with};
use conclave_client::{Cid, NodeFault, StoreError};
use conclave_wire::ErrorCode;
use conclave_wire::limits::MAX_CODE_BYTES;

#[tokio::test]
async fn stores_on_every_node_that_can_and_names_the_others() {
    let fake = start_with(3, &[Conduct::Honest, Conduct::Dead], patient()).await;
    let stored =
        fake.network.store_action(&fake.wallet, "go()".into()).await.expect("two are enough");
    assert_eq!((stored.cid, stored.nodes), (Cid::of(b"go()"), vec![1, 3]));
    assert_eq!(stored.failures.iter().map(|failure| failure.node).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn a_node_that_stored_something_else_does_not_count() {
    let fake = start_with(3, &[Conduct::OldEpoch], patient()).await;
    let stored =
        fake.network.store_action(&fake.wallet, "go()".into()).await.expect("two are enough");
    assert_eq!(stored.nodes, [2, 3]);
    assert_eq!(stored.failures[0].fault, NodeFault::Other { field: "code" });
}

#[tokio::test]
async fn fewer_nodes_than_the_threshold_are_not_enough() {
    let refuses = Conduct::Refuses(ErrorCode::ConclaveAccountNotAllowed);
    let fake = start_with(3, &[refuses, refuses], patient()).await;
    let error = fake
        .network
        .store_action(&fake.wallet, "go()".into())
        .await
        .expect_err("one is not enough");
    assert!(!error.retry_helps());
    assert_eq!(error.to_string(), "2 of 3 nodes refuse: ConclaveAccountNotAllowed: no");
}

#[tokio::test]
async fn sends_nothing_when_the_code_is_too_long() {
    let fake = start_with(3, &[], patient()).await;
    let error = fake
        .network
        .store_action(&fake.wallet, "x".repeat(MAX_CODE_BYTES + 1))
        .await
        .expect_err("one byte too long");
    assert_eq!(error, StoreError::CodeTooLong { limit: MAX_CODE_BYTES });
    assert!(fake.ceremony.requests().is_empty());
}
