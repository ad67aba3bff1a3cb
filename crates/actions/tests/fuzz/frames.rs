//! What a worker sends and what it is sent, decoded from any bytes.

use conclave_actions::protocol::{
    FRAME_BYTES_MAX_FROM_RUNNER, FRAME_BYTES_MAX_TO_RUNNER, FromRunner, ToRunner, encode, take,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether the bytes begin with a message of a worker. The first byte says whether they are a frame
/// or only what a frame holds.
pub fn choose(data: &[u8]) -> bool {
    let Some((first, bytes)) = data.split_first() else { return false };
    let framed = match first % 2 {
        0 => bytes.to_vec(),
        _ => [&(bytes.len() as u32).to_le_bytes()[..], bytes].concat(),
    };
    taken::<ToRunner>(&framed, FRAME_BYTES_MAX_TO_RUNNER);
    taken::<FromRunner>(&framed, FRAME_BYTES_MAX_FROM_RUNNER)
}

/// Takes a message, and says whether there was one. Nothing of what follows it is lost, and it
/// means the same when it is sent on.
fn taken<M: Serialize + DeserializeOwned>(bytes: &[u8], max: usize) -> bool {
    let mut received = bytes.to_vec();
    let Ok(taken) = take::<M>(&mut received, max) else { return false };
    let Some(message) = taken else {
        assert_eq!(received, bytes, "an incomplete frame stays as it is");
        return false;
    };
    assert!(bytes.ends_with(&received), "what follows stays as it is");
    let frame = encode(&message, max).expect("what fits when it is read fits when it is written");
    assert!(frame.len() <= bytes.len() - received.len(), "the own form is the shortest");
    let mut again = frame.clone();
    let message: M = take(&mut again, max).expect("the own form is read").expect("and is complete");
    assert!(again.is_empty());
    assert_eq!(encode(&message, max).expect("it was written before"), frame);
    true
}
