//! How a request and its signatures are named, the same for every member and for whoever asks.

use crate::transcript::{Tag, Transcript};

/// Names one request for all members. Whoever asks chooses the `id`, so the id alone is never the key: `asker` is who was found to ask,
/// `content` everything that decides what is signed.
pub fn request_key(id: &str, asker: &[u8], operation: &str, content: &[u8]) -> [u8; 32] {
    let transcript = Transcript::new(Tag::RequestKey).with(id.as_bytes()).with(asker);
    transcript.with(operation.as_bytes()).with(content).finish()
}

/// A request may ask for several signatures; each has a name.
pub fn name_hash(name: &str) -> [u8; 32] {
    Transcript::new(Tag::SignatureName).with(name.as_bytes()).finish()
}
