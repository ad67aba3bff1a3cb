//! What is run, for whom, within which limits; and what comes of it.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

/// The longest code that runs, in bytes.
pub const CODE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The longest parameters that an action takes, in bytes of JSON.
pub const PARAMETER_BYTES_MAX: usize = 1024 * 1024;

/// How deep children ever have children.
pub const DEPTH_MAX: u32 = 16;

/// One action to run.
#[derive(Debug, Clone)]
pub struct Action {
    /// The script.
    pub code: String,
    /// The CID of `code` (`Qm...`), which the caller has verified: the name under which it is
    /// permitted.
    pub cid: String,
    /// Each key becomes a global of the script.
    pub params: Map<String, Value>,
    /// Who asks, as the script sees it.
    pub auth: AuthContext,
    /// The headers of the request, names in lower case: `Lit.Headers`.
    pub headers: Vec<(String, String)>,
    /// What it may use.
    pub limits: Limits,
}

/// What `Lit.Auth` tells the script, besides the CIDs of the action itself.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthContext {
    /// The wallet that signed in, checksummed, or `None` when none did.
    pub auth_sig_address: Option<String>,
    /// Other proofs of who asks.
    pub auth_method_contexts: Vec<AuthMethodContext>,
    /// What the session was granted.
    pub resources: Vec<String>,
    /// What a custom authentication answered; empty when there was none.
    pub custom_auth_resource: String,
}

/// One proof of who asks.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthMethodContext {
    /// The user, as this method names them.
    pub user_id: String,
    /// The application that they signed in to.
    pub app_id: String,
    /// The number of the method.
    pub auth_method_type: u32,
    /// Whether it proves the request for a session key, rather than an earlier one.
    pub used_for_sign_session_key_request: bool,
}

/// What one run may use, its children included, but for memory and response, which each has for
/// itself. The node counts, not the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// From the hand-over to a worker to the answer; waiting for calls included.
    pub time: Duration,
    /// Heap of the script, in bytes. At most the pool's `memory_bytes_max`.
    pub memory_bytes: u64,
    /// Length of the response, in bytes; at most 1 MiB. A longer one ends the run.
    pub response_bytes: u32,
    /// Length of all log lines together, in bytes; at most 1 MiB. More ends the run.
    pub log_bytes: u32,
    /// Signatures of all kinds together.
    pub signatures: u32,
    /// Calls of `fetch`.
    pub fetches: u32,
    /// Questions to chains, of all kinds together.
    pub chain_queries: u32,
    /// Exchanges among the nodes: values that are collected and turns that are taken.
    pub exchanges: u32,
    /// Child actions, those of children included.
    pub children: u32,
    /// How deep children may have children; at most 16.
    pub depth: u32,
}

impl Default for Limits {
    /// 30 s, 256 MiB, 100 KiB of response, 100 KiB of logs, 10 signatures, 50 fetches, 30 questions
    /// to chains, 30 exchanges, children 5 deep: what existing actions expect. 20 children in all:
    /// each takes a process.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            memory_bytes: 256 << 20,
            response_bytes: 100 << 10,
            log_bytes: 100 << 10,
            signatures: 10,
            fetches: 50,
            chain_queries: 30,
            exchanges: 30,
            children: 20,
            depth: 5,
        }
    }
}

/// What an action that ended well leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What it last gave to `setResponse`; empty when it gave nothing.
    pub response: String,
    /// Its log lines, each ended by a newline.
    pub logs: String,
}
