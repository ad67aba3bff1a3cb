use super::support::{Conduct, patient, start_with};
use conclave_client::NodeFault;

#[tokio::test]
async fn tells_of_every_node_what_it_says_or_why_it_says_nothing() {
    let fake =
        start_with(3, &[Conduct::Honest, Conduct::Dead, Conduct::Says("?")], patient()).await;
    let nodes = fake.network.status().await.expect("randomness");
    assert_eq!(nodes.iter().map(|node| node.node).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(nodes[0].status.as_ref().map(|status| status.presignatures), Ok(5));
    assert!(matches!(nodes[1].status, Err(NodeFault::Unreachable { .. })));
    assert_eq!(nodes[2].status, Err(NodeFault::NotJson { status: 200 }));
}
