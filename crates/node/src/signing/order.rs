//! Who assigns: the order of assigners for one request.

use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::transcript::{Tag, Transcript};

/// One signature asked for by one request: the hash of the request key and the signature's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallId(pub [u8; 32]);

/// Names one request for all nodes. The client chooses its request id, so the id alone is never the key.
pub fn request_key(request_id: &str, principal: &[u8], endpoint: &str, content: &[u8]) -> [u8; 32] {
    let transcript = Transcript::new(Tag::RequestKey).with(request_id.as_bytes()).with(principal);
    transcript.with(endpoint.as_bytes()).with(content).finish()
}

/// A request may ask for several signatures; each has a name.
pub fn name_hash(name: &str) -> [u8; 32] {
    Transcript::new(Tag::RequestKey).with(b"name").with(name.as_bytes()).finish()
}

pub fn call_id(request_key: &[u8; 32], name_hash: &[u8; 32]) -> CallId {
    CallId(Transcript::new(Tag::RequestKey).with(b"call").with(request_key).with(name_hash).finish())
}

/// All members, in the order in which they assign for this request: attempt `a` belongs to the `a`-th.
pub fn assigners(epoch: &Epoch, request_key: &[u8; 32]) -> Vec<PartyId> {
    let place = |id: PartyId| {
        let transcript = Transcript::new(Tag::RequestKey).with(b"order").with(&epoch.digest()).with(request_key);
        transcript.with_number(u64::from(id.number())).finish()
    };
    let mut order = epoch.ids();
    order.sort_by_key(|id| place(*id));
    order
}
