//! What a registered peer, or anybody, can do wrong.

use std::{io::ErrorKind, time::Duration};

use bytes::Bytes;
use conclave_mesh::{
    Event, FrameError, Lane, LinkError, MAX_FRAME_PAYLOAD, MAX_URGENT_MESSAGE, MESSAGE_OVERHEAD,
};
use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::{
    raw_peer::{
        BULK_PART, FULL_PART, HELLO, PING, PONG, REFUSAL, RawPeer, URGENT_END, URGENT_PART,
    },
    support::{Node, config, linked, seeds, within},
};

/// What a header claims: kind, counter beyond the right one, length, bytes that follow.
type Claim = (u8, u64, u32, usize);
type Expected = fn(&LinkError) -> bool;

#[tokio::test]
async fn garbage_closes_only_the_link_it_came_by() {
    let seeds = seeds(3);
    let mut nodes = linked(vec![config(seeds[1]), config(seeds[2])]).await;
    let (mut node, mut bystander) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    node.knows(&[bystander.peer()]);
    let peer = node.awaits(&seeds[0]);

    let claims: [(Claim, Expected); 11] = [
        ((0, 0, 8, 8), |error| matches!(error, LinkError::Frame(FrameError::UnknownKind(0)))),
        ((255, 0, 8, 8), |error| matches!(error, LinkError::Frame(FrameError::UnknownKind(255)))),
        ((PING, 1, 8, 8), |error| {
            matches!(error, LinkError::Frame(FrameError::Counter { expected: 1, found: 2 }))
        }),
        ((PING, u64::MAX, 8, 8), |error| {
            matches!(error, LinkError::Frame(FrameError::Counter { expected: 1, found: 0 }))
        }),
        ((PING, 0, 7, 7), |error| {
            matches!(error, LinkError::Frame(FrameError::Length { kind: PING, length: 7 }))
        }),
        ((URGENT_END, 0, MAX_FRAME_PAYLOAD as u32 + 1, 0), |error| {
            matches!(error, LinkError::Frame(FrameError::Length { .. }))
        }),
        ((URGENT_PART, 0, 10, 10), |error| {
            matches!(error, LinkError::Frame(FrameError::Length { .. }))
        }),
        ((BULK_PART, 0, u32::MAX, 0), |error| {
            matches!(error, LinkError::Frame(FrameError::Length { .. }))
        }),
        ((HELLO, 0, 48, 48), |error| {
            matches!(error, LinkError::Frame(FrameError::OutOfPlace(HELLO)))
        }),
        ((PONG, 0, 8, 8), |error| matches!(error, LinkError::UnexpectedPong)),
        ((REFUSAL, 0, 1, 1), |error| matches!(error, LinkError::Refused(_))),
    ];
    for (i, ((kind, ahead, length, bytes), expected)) in claims.into_iter().enumerate() {
        let boot = [i as u8; 16];
        let (mut raw, _) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 0).await;
        raw.claim(kind, 1u64.wrapping_add(ahead), length, &vec![0xa5; bytes]).await.unwrap();
        raw.read_to_end().await;
        assert_eq!(node.next().await, Event::Connected { peer, boot });
        assert_eq!(node.next().await, Event::Disconnected { peer });
        let error = node.status(&peer).last_error.expect("a reason");
        assert!(expected(&error), "claim {i}: {error}");
    }

    bystander
        .mesh
        .send(&node.mesh.identity(), Lane::Urgent, Bytes::from_static(b"still here"))
        .unwrap();
    assert_eq!(node.next_message().await, (bystander.mesh.identity(), b"still here".to_vec()));
    node.mesh
        .send(&bystander.mesh.identity(), Lane::Urgent, Bytes::from_static(b"so am I"))
        .unwrap();
    assert_eq!(bystander.next_message().await.1, b"so am I");
}

#[tokio::test]
async fn garbage_instead_of_a_hello_is_refused() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    for (kind, length) in [(HELLO, 47), (HELLO, u32::MAX), (PING, 8), (URGENT_END, 3), (99, 48)] {
        let mut raw = RawPeer::connect(&seeds[0], node.mesh.address()).await.unwrap();
        raw.claim(kind, 0, length, &[0; 64][..length.min(64) as usize]).await.unwrap();
        assert!(raw.read_to_end().await.is_empty());
        node.fails(&peer, |error| matches!(error, LinkError::Frame(_))).await;
    }
}

#[tokio::test]
async fn a_machine_resumed_from_a_snapshot_is_refused_until_it_boots_afresh() {
    let seeds = seeds(2);
    let mut node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let boot = [1; 16];
    let (mut original, _) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 100).await;
    original.frame(URGENT_END, b"message 101").await.unwrap();
    node.next_message().await;

    let (_, answer) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 101).await;
    assert_eq!((answer.kind, &answer.payload[..]), (REFUSAL, &[2][..]));
    assert_eq!(node.next().await, Event::Disconnected { peer });
    original.read_to_end().await;
    let (_, answer) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 1_000_000).await;
    assert_eq!(answer.kind, REFUSAL);
    node.fails(&peer, |error| matches!(error, LinkError::Rewound)).await;

    let (_link, answer) = RawPeer::greet(&seeds[0], node.mesh.address(), [2; 16], 0).await;
    assert_eq!(answer.kind, HELLO);
    assert_eq!(node.next().await, Event::Connected { peer, boot: [2; 16] });
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_others_out() {
    let seeds = seeds(2);
    let mut config = config(seeds[1]);
    config.limits.handshakes = 4;
    config.limits.timeouts.handshake = Duration::from_secs(600);
    let mut node = Node::start(config).await;
    node.awaits(&seeds[0]);
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(node.mesh.address()).await.unwrap());
    }
    let _link = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    assert!(matches!(node.next().await, Event::Connected { .. }));
}

#[tokio::test]
async fn one_connection_too_many_pushes_out_the_oldest_and_no_other() {
    let seeds = seeds(2);
    let mut config = config(seeds[1]);
    config.limits.handshakes = 4;
    config.limits.timeouts.handshake = Duration::from_secs(600);
    let node = Node::start(config).await;
    node.awaits(&seeds[0]);
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(node.mesh.address()).await.unwrap());
    }
    // The fifth. Once it has its hello, all five have been accepted.
    let _link = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    assert!(matches!(within(silent.remove(0).read(&mut [0])).await, Ok(0) | Err(_)));
    for stream in silent {
        // Past Tokio, which does not ask the system before it has heard of news.
        let error = stream.into_std().unwrap().peek(&mut [0]).expect_err("was closed");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn a_handshake_that_never_comes_ends_in_time() {
    let mut config = config(seeds(1)[0]);
    config.limits.timeouts.handshake = Duration::from_millis(50);
    let node = Node::start(config).await;
    let mut silent = TcpStream::connect(node.mesh.address()).await.unwrap();
    assert!(matches!(within(silent.read(&mut [0])).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_hello_that_never_comes_ends_in_time() {
    let seeds = seeds(2);
    let mut config = config(seeds[1]);
    config.limits.timeouts.hello = Duration::from_millis(50);
    let node = Node::start(config).await;
    let peer = node.awaits(&seeds[0]);
    let mut raw = RawPeer::connect(&seeds[0], node.mesh.address()).await.unwrap();
    node.fails(&peer, |error| matches!(error, LinkError::HelloTimeout)).await;
    assert!(raw.read_to_end().await.is_empty());
}

#[tokio::test]
async fn a_link_over_which_nothing_comes_is_dead() {
    let seeds = seeds(2);
    let mut config = config(seeds[1]);
    config.limits.timeouts.dead_link = Duration::from_millis(50);
    let node = Node::start(config).await;
    let peer = node.awaits(&seeds[0]);
    let _raw = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    node.fails(&peer, |error| matches!(error, LinkError::Silent)).await;
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_dead_though_it_talks() {
    let seeds = seeds(2);
    let mut config = config(seeds[1]);
    config.limits.timeouts.dead_link = Duration::from_secs(1);
    let node = Node::start(config).await;
    let peer = node.awaits(&seeds[0]);
    let (mut raw, _) = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    node.connected(&peer).await;
    node.mesh.send(&peer, Lane::Bulk, vec![0; 32 << 20].into()).unwrap();
    let talks = async {
        while raw.frame(URGENT_END, &[]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = node.fails(&peer, |error| matches!(error, LinkError::Stalled)) => {}
        () = talks => unreachable!(),
    }
}

#[tokio::test]
async fn a_peer_that_outruns_this_node_loses_its_link_and_no_other_does() {
    let seeds = seeds(3);
    let mut slow = config(seeds[2]);
    slow.limits.urgent_inbound = MAX_URGENT_MESSAGE + MESSAGE_OVERHEAD;
    slow.limits.timeouts.inbound = Duration::from_millis(50);
    let mut nodes = linked(vec![config(seeds[1]), slow]).await;
    let (mut node, bystander) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    node.knows(&[bystander.peer()]);
    let peer = node.awaits(&seeds[0]);
    let boot = [1; 16];
    let (mut raw, _) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 0).await;
    for _ in 0..MAX_URGENT_MESSAGE / FULL_PART {
        raw.frame(URGENT_PART, &[7; FULL_PART]).await.unwrap();
    }
    raw.frame(URGENT_END, &[]).await.unwrap();
    raw.frame(URGENT_END, b"one too many").await.unwrap();
    node.fails(&peer, |error| matches!(error, LinkError::InboundFull)).await;

    bystander.mesh.send(&node.mesh.identity(), Lane::Urgent, Bytes::from_static(b"fine")).unwrap();
    assert_eq!(node.next().await, Event::Connected { peer, boot });
    let (from, exact) = node.next_message().await;
    assert_eq!((from, exact.len()), (peer, MAX_URGENT_MESSAGE));
    assert_eq!(node.next().await, Event::Disconnected { peer });
    assert_eq!(node.next_message().await, (bystander.mesh.identity(), b"fine".to_vec()));

    let (mut again, _) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 100).await;
    again.frame(URGENT_END, b"room again").await.unwrap();
    assert_eq!(node.next_message().await, (peer, b"room again".to_vec()));
}
