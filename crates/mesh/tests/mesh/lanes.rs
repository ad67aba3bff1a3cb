//! Limits and precedence of the two lanes.

use bytes::Bytes;
use conclave_mesh::{
    Event, Lane, LinkError, MAX_BULK_MESSAGE, MAX_URGENT_MESSAGE, QueueLimit, SendError,
};

use crate::{
    raw_peer::{BULK_END, BULK_PART, FULL_PART, RawPeer, URGENT_END, URGENT_PART},
    support::{Node, config, linked, seeds, within},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carries_the_longest_message_of_each_lane_and_refuses_one_byte_more() {
    let mut nodes = linked(seeds(2).into_iter().map(config).collect()).await;
    let (mut b, a) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    for (lane, limit) in [(Lane::Urgent, MAX_URGENT_MESSAGE), (Lane::Bulk, MAX_BULK_MESSAGE)] {
        let message: Bytes = (0..limit).map(|i| (i / 251) as u8).collect();
        a.mesh.send(&b.mesh.identity(), lane, message.clone()).unwrap();
        let (_, received) = b.next_message().await;
        assert!(message == received);
        let longer = Bytes::from(vec![0; limit + 1]);
        let refused = a.mesh.send(&b.mesh.identity(), lane, longer);
        assert_eq!(refused, Err(SendError::TooLong { length: limit + 1, limit }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closes_the_link_of_a_peer_that_sends_one_byte_more() {
    let seeds = seeds(2);
    let mut node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let lanes = [
        (Lane::Urgent, URGENT_PART, URGENT_END, MAX_URGENT_MESSAGE),
        (Lane::Bulk, BULK_PART, BULK_END, MAX_BULK_MESSAGE),
    ];
    for (i, (lane, part, end, limit)) in lanes.into_iter().enumerate() {
        let (mut raw, _) = RawPeer::greet(&seeds[0], node.mesh.address(), [i as u8; 16], 0).await;
        for last in [&[][..], &[0]] {
            for _ in 0..limit / FULL_PART {
                raw.frame(part, &[0; FULL_PART]).await.unwrap();
            }
            raw.frame(end, last).await.unwrap();
        }
        let (_, exact) = node.next_message().await;
        assert_eq!(exact.len(), limit);
        node.fails(
            &peer,
            |error| matches!(error, LinkError::MessageTooLong { lane: found } if *found == lane),
        )
        .await;
        assert_eq!(node.next().await, Event::Disconnected { peer });
    }
}

// On one thread nothing is sent between two calls of `send`, so the queues fill to their limits
// exactly.
#[tokio::test]
async fn reports_a_full_queue_and_delivers_what_was_queued() {
    let mut configs: Vec<_> = seeds(2).into_iter().map(config).collect();
    configs[0].limits.urgent_queue = QueueLimit { messages: 5, bytes: MAX_URGENT_MESSAGE };
    configs[0].limits.bulk_queue = QueueLimit { messages: 5, bytes: MAX_BULK_MESSAGE };
    let mut nodes = linked(configs).await;
    let (mut b, a) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    let to = b.mesh.identity();
    for _ in 0..5 {
        a.mesh.send(&to, Lane::Urgent, Bytes::from_static(b"x")).unwrap();
    }
    assert_eq!(a.mesh.send(&to, Lane::Urgent, Bytes::from_static(b"x")), Err(SendError::QueueFull));
    a.mesh.send(&to, Lane::Bulk, vec![0; MAX_BULK_MESSAGE - 1].into()).unwrap();
    a.mesh.send(&to, Lane::Bulk, vec![0; 1].into()).unwrap();
    assert_eq!(a.mesh.send(&to, Lane::Bulk, vec![0; 1].into()), Err(SendError::QueueFull));
    for _ in 0..7 {
        b.next_message().await;
    }
    a.mesh.send(&to, Lane::Urgent, Bytes::from_static(b"x")).unwrap();
    b.next_message().await;
}

#[tokio::test]
async fn an_urgent_message_arrives_before_a_bulk_message_that_is_under_way() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let (mut raw, _) = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    node.connected(&peer).await;
    node.mesh.send(&peer, Lane::Bulk, vec![0; MAX_BULK_MESSAGE].into()).unwrap();
    within(async {
        while raw.read().await.unwrap().kind != BULK_PART {}
        node.mesh.send(&peer, Lane::Urgent, Bytes::from_static(b"now")).unwrap();
        let mut order = Vec::new();
        while order.last() != Some(&BULK_END) {
            let frame = raw.read().await.unwrap();
            if [URGENT_END, BULK_END].contains(&frame.kind) {
                order.push(frame.kind);
            }
        }
        assert_eq!(order, [URGENT_END, BULK_END]);
    })
    .await;
}
