//! What the node does when an action asks it to.

use futures_util::future::BoxFuture;

use crate::protocol::SignRequest;

/// The node, as far as an action reaches it. Calls of one action may overlap, and any of them may be dropped while it
/// waits, when the action ends or is killed.
pub trait Host: Send + Sync {
    /// Signs, if whoever asks may sign with this key. The signature goes to the client, not to the action.
    fn sign<'a>(&'a self, request: SignRequest) -> BoxFuture<'a, Result<(), HostError>>;
}

/// Why the node did not do what an action asked. The action can catch it; if it does not, the run ends with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HostError {
    /// The code under which clients know this error.
    pub code: String,
    /// One sentence for the action's author.
    pub message: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}
