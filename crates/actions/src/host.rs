//! What the node does when an action asks it to.

use futures_util::future::BoxFuture;

use crate::protocol::{ChainQuery, SignRequest, Turn};

/// What the node answers, in time.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, HostError>>;

/// The node, as far as an action reaches it. Calls of one action may overlap, and any of them may
/// be dropped while it waits, when the action ends or is killed. `cid` is that of the action that
/// asks, a child's its own: what it may do is judged by it.
pub trait Host: Send + Sync {
    /// Signs, if whoever asks may sign with this key. The signature goes to the client, not to the
    /// action.
    fn sign<'a>(&'a self, cid: &'a str, request: SignRequest) -> Answer<'a, ()>;

    /// Signs, and returns the whole signature as JSON: `r` (33 bytes) and `s` in hex, and `v`.
    fn sign_and_combine<'a>(&'a self, cid: &'a str, request: SignRequest) -> Answer<'a, String>;

    /// The verified code of another action.
    fn code<'a>(&'a self, cid: &'a str) -> Answer<'a, String>;

    /// Looks at a chain. The answer is JSON.
    fn ask_chain(&self, query: ChainQuery) -> Answer<'_, String>;

    /// Gives this node's value to the others and waits for theirs; its own is the last.
    fn collect<'a>(&'a self, cid: &'a str, name: String, value: String) -> Answer<'a, Vec<String>>;

    /// Waits until it is this node's turn to run something for all, or until another node has.
    fn take_turn<'a>(&'a self, cid: &'a str, name: String, wait: bool) -> Answer<'a, Turn>;

    /// Tells the others what this node's turn brought.
    fn end_turn<'a>(&'a self, cid: &'a str, name: String, result: String) -> Answer<'a, ()>;
}

/// Why the node did not do what an action asked. The action can catch it; if it does not, the run
/// ends with it.
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
