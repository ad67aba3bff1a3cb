use super::*;
use crate::frame::{HEADER_LENGTH, Header};

fn outbox(limits: &Limits) -> Outbox {
    Outbox::new(limits, Arc::new(AtomicU64::new(1)), 0)
}

/// Kinds and counters of the frames that go out together next.
fn next_frames(outbox: &Outbox) -> Vec<(Kind, u64)> {
    let mut buffer = Vec::new();
    outbox.fill_now(&mut buffer).unwrap();
    let mut rest = buffer.as_slice();
    let mut frames = Vec::new();
    while let Some((header, tail)) = rest.split_first_chunk::<HEADER_LENGTH>() {
        let header = Header::decode(header).unwrap();
        frames.push((header.kind, header.counter));
        rest = &tail[header.length as usize..];
    }
    frames
}

#[test]
fn an_urgent_message_overtakes_a_bulk_message_that_has_begun() {
    let outbox = outbox(&Limits::default());
    outbox.push(Lane::Bulk, vec![0; 3 * MAX_FRAME_PAYLOAD].into()).unwrap();
    let part = Kind::Piece { lane: Lane::Bulk, last: false };
    assert_eq!(next_frames(&outbox), [(part, 1)]);
    outbox.push(Lane::Urgent, vec![0; 300].into()).unwrap();
    assert_eq!(
        next_frames(&outbox),
        [(Kind::Piece { lane: Lane::Urgent, last: true }, 2), (part, 3)]
    );
    assert_eq!(next_frames(&outbox), [(Kind::Piece { lane: Lane::Bulk, last: true }, 4)]);
    assert_eq!(next_frames(&outbox), []);
}

#[test]
fn pongs_and_pings_go_before_every_message() {
    let outbox = outbox(&Limits::default());
    outbox.push(Lane::Urgent, Bytes::new()).unwrap();
    outbox.ping(7);
    outbox.pong([0; 8]).unwrap();
    let kinds: Vec<_> = next_frames(&outbox).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [Kind::Pong, Kind::Ping, Kind::Piece { lane: Lane::Urgent, last: true }]);
}

#[test]
fn owes_at_most_one_pong() {
    let outbox = outbox(&Limits::default());
    outbox.pong([0; 8]).unwrap();
    assert_eq!(outbox.pong([1; 8]), Err(PongPending));
    next_frames(&outbox);
    assert_eq!(outbox.pong([1; 8]), Ok(()));
}

#[test]
fn takes_as_many_messages_as_the_limit_and_no_more() {
    let limits =
        Limits { urgent_queue: QueueLimit { messages: 3, bytes: 100 }, ..Limits::default() };
    let outbox = outbox(&limits);
    for _ in 0..3 {
        outbox.push(Lane::Urgent, Bytes::new()).unwrap();
    }
    assert_eq!(outbox.push(Lane::Urgent, Bytes::new()), Err(Full));
    assert_eq!(outbox.push(Lane::Bulk, Bytes::new()), Ok(()));
    next_frames(&outbox);
    assert_eq!(outbox.push(Lane::Urgent, Bytes::new()), Ok(()));
}

#[test]
fn takes_as_many_bytes_as_the_limit_and_no_more() {
    let limits =
        Limits { bulk_queue: QueueLimit { messages: 10, bytes: 100 }, ..Limits::default() };
    let outbox = outbox(&limits);
    outbox.push(Lane::Bulk, vec![0; 60].into()).unwrap();
    assert_eq!(outbox.push(Lane::Bulk, vec![0; 41].into()), Err(Full));
    assert_eq!(outbox.push(Lane::Bulk, vec![0; 40].into()), Ok(()));
}

#[test]
fn sends_nothing_after_it_was_closed() {
    let outbox = outbox(&Limits::default());
    outbox.push(Lane::Urgent, Bytes::new()).unwrap();
    outbox.close();
    let mut buffer = Vec::new();
    assert_eq!(outbox.fill_now(&mut buffer), Err(Closed));
    assert_eq!((buffer.len(), outbox.frames.load(Ordering::Relaxed)), (0, 1));
}
