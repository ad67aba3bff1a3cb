//! How a request and its signatures are named, the same for every member and for whoever asks.

use crate::ids::{NameHash, RequestKey};
use crate::transcript::{Tag, Transcript};

/// Names one request for all members. Whoever asks chooses the `id`, so the id alone is never the
/// key: `asker` is who was found to ask, `content` everything that decides what is signed.
pub fn request_key(id: &str, asker: &[u8], operation: &str, content: &[u8]) -> RequestKey {
    let transcript = Transcript::new(Tag::RequestKey).with(id.as_bytes()).with(asker);
    RequestKey::new(transcript.with(operation.as_bytes()).with(content).finish())
}

/// A request may ask for several signatures; each has a name.
pub fn name_hash(name: &str) -> NameHash {
    NameHash::new(Transcript::new(Tag::SignatureName).with(name.as_bytes()).finish())
}

/// [`name_hash`] of a name that the same request has had signatures under before, so many: each use
/// of a name is a call of its own.
pub fn repeated_name_hash(name: &str, earlier: u32) -> NameHash {
    if earlier == 0 {
        return name_hash(name);
    }
    let transcript = Transcript::new(Tag::RepeatedName).with(name.as_bytes());
    NameHash::new(transcript.with_number(u64::from(earlier)).finish())
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
        let keys: BTreeSet<_> = requests
            .map(|(id, asker, operation, content)| request_key(id, asker, operation, content))
            .into();
        assert_eq!(keys.len(), requests.len());
    }

    #[test]
    fn signatures_of_different_names_have_different_hashes() {
        assert_eq!(name_hash("sig1"), name_hash("sig1"));
        assert_ne!(name_hash("sig1"), name_hash("sig2"));
    }

    #[test]
    fn every_use_of_a_name_has_a_hash_of_its_own() {
        assert_eq!(repeated_name_hash("sig", 0), name_hash("sig"));
        let uses: BTreeSet<_> = (0..20)
            .flat_map(|earlier| ["sig", "gis"].map(|name| repeated_name_hash(name, earlier)))
            .collect();
        assert_eq!(uses.len(), 40);
    }
}
