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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn requests_that_differ_in_any_part_have_different_keys() {
        let requests: [(&str, &[u8], &str, &[u8]); 7] = [
            ("id", b"asker", "operation", b"content"),
            ("ix", b"asker", "operation", b"content"),
            ("id", b"other", "operation", b"content"),
            ("id", b"asker", "another", b"content"),
            ("id", b"asker", "operation", b"nothing"),
            ("ida", b"sker", "operation", b"content"),
            ("id", b"asker", "operationc", b"ontent"),
        ];
        let keys: BTreeSet<_> = requests.map(|(id, asker, operation, content)| request_key(id, asker, operation, content)).into();
        assert_eq!(keys.len(), requests.len());
    }

    #[test]
    fn signatures_of_different_names_have_different_hashes() {
        assert_eq!(name_hash("sig1"), name_hash("sig1"));
        assert_ne!(name_hash("sig1"), name_hash("sig2"));
    }
}
