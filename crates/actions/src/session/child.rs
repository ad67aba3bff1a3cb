//! Child actions: each a session of its own, on a worker of its own, with what is left of its
//! family's budget and time.

use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::Session;
use super::calls::{CallFailure, Refusal, mistake, refused, spent};
use crate::action::{CODE_BYTES_MAX, Outcome};
use crate::error::{Limit, RunErrorKind};
use crate::protocol::{CallError, ChildRequest};

/// Children of one request that run at the same time at each depth; the others wait.
const CHILDREN_IN_PARALLEL: usize = 2;

/// The places of the children of one request, by depth.
pub(super) fn places(depth: u32) -> Vec<Semaphore> {
    (0..depth).map(|_| Semaphore::new(CHILDREN_IN_PARALLEL)).collect()
}

impl Session<'_> {
    /// Runs a child to its end and returns its response. Its log lines go to `logs`, however it
    /// ends.
    pub(super) async fn run_child(
        &self,
        request: ChildRequest,
        logs: &mut String,
    ) -> Result<String, Refusal> {
        let ChildRequest { cid, params } = request;
        if serde_json::from_str::<Map<String, Value>>(&params).is_err() {
            return Err(mistake("params must be an object".to_owned()));
        }
        let Some(places) = self.family.children.get(self.depth()) else {
            return Err(spent(Limit::Depth, self.limits.depth.into()));
        };
        // A closed semaphore does not occur.
        let _permit = places.acquire().await;
        let code = self.family.request.host.code(&cid).await.map_err(refused)?;
        if code.len() > CODE_BYTES_MAX {
            return Err(spent(
                Limit::CodeBytes { length: code.len() as u64 },
                CODE_BYTES_MAX as u64,
            ));
        }
        if code.trim().is_empty() {
            return Ok(String::new());
        }
        let (worker, _place) = self.family.request.workers.for_child().await.map_err(failed)?;
        let stack = self.stack.iter().copied().chain([cid.as_str()]).collect();
        match self.family.run(worker, stack, code, params).await {
            Ok(Outcome { response, logs: lines }) => {
                *logs = lines;
                Ok(response)
            }
            Err(error) => {
                *logs = error.logs;
                Err(failed(error.kind))
            }
        }
    }
}

/// The parent catches it like any failure of a call. If it does not, what a child's script threw is
/// thrown by its own script; everything else ends the run as it would have without a parent.
fn failed(kind: RunErrorKind) -> Refusal {
    let retryable = kind.is_retryable();
    let error =
        |code: &str, message: String| CallError { code: code.to_owned(), message, retryable };
    match kind {
        RunErrorKind::Host(error) => refused(error),
        RunErrorKind::Limit { limit, max } => spent(limit, max),
        RunErrorKind::Thrown { message, .. } => {
            (error("ChildFailed", message), CallFailure::Script)
        }
        RunErrorKind::Parameter { .. } => {
            (error("ChildFailed", kind.to_string()), CallFailure::Script)
        }
        RunErrorKind::Timeout { .. }
        | RunErrorKind::Memory { .. }
        | RunErrorKind::Busy
        | RunErrorKind::Worker { .. } => {
            (error("ChildFailed", kind.to_string()), CallFailure::Child(kind))
        }
    }
}
