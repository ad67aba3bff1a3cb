//! Who assigns: the order of assigners for one request.

use conclave_threshold::ids::{NameHash, RequestKey};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::transcript::{Tag, Transcript};

/// One signature asked for by one request: the hash of the request key and the signature's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallId(pub [u8; 32]);

/// The call for the signature of this name in this request.
pub fn call_id(request_key: &RequestKey, name_hash: &NameHash) -> CallId {
    CallId(
        Transcript::new(Tag::Call).with(request_key.as_bytes()).with(name_hash.as_bytes()).finish(),
    )
}

/// All members, in the order in which they assign for this request: attempt `a` belongs to the
/// `a`-th.
pub fn assigners(epoch: &Epoch, request_key: &RequestKey) -> Vec<PartyId> {
    let transcript = Transcript::new(Tag::AssignerOrder)
        .with(epoch.digest().as_bytes())
        .with(request_key.as_bytes());
    let mut order = epoch.ids();
    order.sort_by_cached_key(|id| transcript.clone().with_number(u64::from(id.number())).finish());
    order
}
