//! One call at one node: what the node wants, and how far it has come.

use super::announce::{SignedAnnounce, Verdict};
use crate::time::{Duration, Instant};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{Answer, BindMessage, Bound, SignedAssignment};
use conclave_threshold::party::PartyId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What this node itself found for one call.
#[derive(Clone)]
pub struct Wish {
    /// The request that asks for it.
    pub request_key: RequestKey,
    /// Hash of the signature's name in that request.
    pub name_hash: NameHash,
    /// The key, compressed.
    pub public_key: [u8; 33],
    /// What this node says to it.
    pub verdict: Verdict,
    /// This node's share of the key; without it a "yes" can be held, but not be bound.
    pub key: Option<Arc<KeyShare<Secp256k1>>>,
    /// How long the node's client waits from the moment the call is taken up.
    pub patience: Duration,
}

/// How a call ended at this node.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// This node's share, with its certificate.
    Share(Arc<Answer>),
    /// Other nodes serve this call; all of their bind messages were seen.
    Empty,
    /// This node itself said no, and not enough others said yes.
    Refused {
        /// An error code.
        reason: String,
    },
    /// No digest has enough nodes behind it: what each announced.
    Split(Vec<SignedAnnounce>),
    /// A presignature burnt and no attempt is left. A new request may succeed.
    Retry,
    /// Enough nodes agree, and the assigners have no presignature that fits. A new request may
    /// succeed once more are made.
    NoPresignature,
    /// The deadline passed before enough nodes asked for the same.
    TimedOut,
}

/// Where a call stands.
pub(super) enum Stage {
    /// Announced to the assigner of the present attempt. `acknowledged` once it said that it waits
    /// for more.
    Waiting {
        since: Instant,
        acknowledged: bool,
    },
    /// Assigned to a set that this node is not in.
    Held {
        since: Instant,
    },
    /// In the set: its own bind message is out, its presignature can serve nothing else.
    Binding {
        since: Instant,
        asked: bool,
        bound: Box<Bound>,
        binds: Vec<BindMessage>,
    },
    /// In the set, all bind messages shown to everybody. The share is made, and given once enough
    /// nodes are known to be `holders` of the bind messages; no other attempt follows at this node.
    Shown {
        since: Instant,
        asked: bool,
        answer: Arc<Answer>,
        holders: BTreeSet<PartyId>,
    },
    Done {
        since: Instant,
        outcome: Outcome,
    },
}

pub(super) struct Call {
    pub wish: Wish,
    pub begun: Instant,
    /// When the node's client stops waiting.
    pub deadline: Instant,
    pub attempt: u16,
    pub stage: Stage,
    /// The last assignment seen.
    pub assignment: Option<SignedAssignment>,
    /// The last attempt that this node sent a bind message in.
    pub last_bound: Option<u16>,
    /// All bind messages of a complete assignment, shown to whoever still asks. With them a node
    /// binds in no further attempt.
    pub complete: Vec<BindMessage>,
    /// Peers seen to announce the same in this attempt, and since when they and this node are
    /// enough to sign.
    pub agreeing: BTreeSet<PartyId>,
    pub agreed: Option<Instant>,
    /// The latest assigner said that no presignature of its own fits.
    pub out_of_stock: bool,
}

impl Call {
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done { .. })
    }
}
