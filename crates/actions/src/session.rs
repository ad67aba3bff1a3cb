//! One action on one worker: what the node hands over, what it does for the worker, and when it stops listening.

mod budget;
mod calls;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, Semaphore};

use crate::action::{Action, Limits, Outcome};
use crate::egress::Egress;
use crate::error::{Limit, RunError, RunErrorKind};
use crate::host::Host;
use crate::protocol::{self, ERROR_MESSAGE_BYTES_MAX, Failure, FailureCause, FrameError, FromRunner, Start, ToRunner};
use budget::Budget;
use calls::CallFailure;

/// Fetches of one action that run at the same time; the others wait.
const FETCHES_IN_PARALLEL: usize = 8;

/// What a session needs besides its worker.
pub(crate) struct Request<'a> {
    pub(crate) action: &'a Action,
    /// The action's parameters, as JSON.
    pub(crate) params: String,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) egress: &'a Egress,
}

/// Runs the action on the worker at the other end of `socket`. Whoever calls kills that worker afterwards.
pub(crate) async fn run(socket: UnixStream, request: Request<'_>) -> Result<Outcome, RunError> {
    let (reader, writer) = socket.into_split();
    let session = Session {
        cid: &request.action.cid,
        limits: &request.action.limits,
        budget: Budget::new(&request.action.limits),
        host: request.host.as_ref(),
        egress: request.egress,
        writer: Mutex::new(writer),
        fetching: Semaphore::new(FETCHES_IN_PARALLEL),
    };
    let start = start_of(request.action, request.params);
    let mut transcript = Transcript::default();

    let ended = tokio::time::timeout(session.limits.time, session.follow(reader, start, &mut transcript)).await;
    let result = ended.unwrap_or(Err(RunErrorKind::Timeout { limit: session.limits.time }));
    match result {
        Ok(response) => Ok(Outcome { response, logs: transcript.logs }),
        Err(kind) => Err(RunError { kind, logs: transcript.logs }),
    }
}

fn start_of(action: &Action, params: String) -> Start {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Auth<'a> {
        action_ipfs_ids: [&'a str; 1],
        action_ipfs_id_stack: [&'a str; 1],
        #[serde(flatten)]
        context: &'a crate::AuthContext,
    }
    let cid = [action.cid.as_str()];
    let auth = Auth { action_ipfs_ids: cid, action_ipfs_id_stack: cid, context: &action.auth };
    Start {
        code: action.code.clone(),
        params,
        auth: serde_json::to_value(auth).unwrap_or_default().to_string(),
        headers: action.headers.clone(),
        memory_bytes: action.limits.memory_bytes,
        response_bytes: action.limits.response_bytes,
        log_bytes: action.limits.log_bytes,
    }
}

struct Session<'a> {
    /// The action, as permissions name it.
    cid: &'a str,
    limits: &'a Limits,
    budget: Budget,
    host: &'a dyn Host,
    egress: &'a Egress,
    /// Each call writes its own reply, so that reading never waits for a worker that does not read.
    writer: Mutex<OwnedWriteHalf>,
    fetching: Semaphore,
}

/// What the node keeps of a run.
#[derive(Default)]
struct Transcript {
    logs: String,
    /// Why calls failed, by the worker's number for them: it may name one, not tell the reason.
    failures: HashMap<u32, CallFailure>,
}

impl Session<'_> {
    async fn follow(&self, reader: OwnedReadHalf, start: Start, transcript: &mut Transcript) -> Result<String, RunErrorKind> {
        let mut frames = Frames { reader, received: Vec::new() };
        self.send(&ToRunner::Start(start)).await?;
        let mut calls = FuturesUnordered::new();
        loop {
            let frame = tokio::select! {
                // A call that was taken in is begun before anything else is read.
                biased;
                Some(answered) = calls.next(), if !calls.is_empty() => {
                    if let (id, Some(failure)) = answered? {
                        transcript.failures.insert(id, failure);
                    }
                    continue;
                }
                frame = frames.next() => frame?,
            };
            match frame {
                FromRunner::Log(line) => self.append(transcript, &line)?,
                FromRunner::Call { id, call } => {
                    let work = self.admit(call)?;
                    calls.push(self.answer(id, work));
                }
                FromRunner::Done(Ok(response)) => return self.accept(response),
                FromRunner::Done(Err(failure)) => return Err(self.explain(transcript, failure)),
                FromRunner::Ready { .. } => return Err(broken("it said twice that it is ready")),
            }
        }
    }

    fn append(&self, transcript: &mut Transcript, line: &str) -> Result<(), RunErrorKind> {
        let max = self.limits.log_bytes;
        // An empty line would cost nothing, and so could be sent without end.
        if line.is_empty() {
            return Err(broken("it sent an empty log line"));
        }
        if transcript.logs.len() + line.len() > max as usize {
            return Err(RunErrorKind::Limit { limit: Limit::LogBytes, max: max.into() });
        }
        transcript.logs.push_str(line);
        Ok(())
    }

    fn accept(&self, response: String) -> Result<String, RunErrorKind> {
        let max = self.limits.response_bytes;
        if response.len() > max as usize {
            return Err(RunErrorKind::Limit { limit: Limit::ResponseBytes, max: max.into() });
        }
        Ok(response)
    }

    /// Turns the worker's word into an error, trusting of it nothing but the script's own message.
    fn explain(&self, transcript: &mut Transcript, failure: Failure) -> RunErrorKind {
        let Failure { cause, mut message, line, column } = failure;
        let end = message.floor_char_boundary(ERROR_MESSAGE_BYTES_MAX);
        message.truncate(end);
        match cause {
            FailureCause::Memory => RunErrorKind::Memory { limit_bytes: self.limits.memory_bytes },
            FailureCause::Parameter(name) => RunErrorKind::Parameter { name },
            FailureCause::Call(id) => match transcript.failures.remove(&id) {
                Some(CallFailure::Host(error)) => RunErrorKind::Host(error),
                Some(CallFailure::Limit(limit, max)) => RunErrorKind::Limit { limit, max },
                Some(CallFailure::Script) | None => RunErrorKind::Thrown { message, line, column },
            },
            FailureCause::Thrown => RunErrorKind::Thrown { message, line, column },
        }
    }

    async fn send(&self, message: &ToRunner) -> Result<(), RunErrorKind> {
        let frame =
            protocol::encode(message, protocol::FRAME_BYTES_MAX_TO_RUNNER).map_err(|_| broken("a message to it was too long"))?;
        self.writer.lock().await.write_all(&frame).await.map_err(|_| died())
    }
}

fn broken(reason: &'static str) -> RunErrorKind {
    RunErrorKind::Worker { reason }
}

fn died() -> RunErrorKind {
    broken("it ended before its action did")
}

/// Frames as they arrive. Dropping a wait for the next one loses nothing.
struct Frames {
    reader: OwnedReadHalf,
    received: Vec<u8>,
}

impl Frames {
    async fn next(&mut self) -> Result<FromRunner, RunErrorKind> {
        loop {
            match protocol::take(&mut self.received, protocol::FRAME_BYTES_MAX_FROM_RUNNER) {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(FrameError::TooLong { .. }) => return Err(broken("it sent a frame that is too long")),
                Err(FrameError::Malformed) => return Err(broken("it sent a frame without meaning")),
            }
            match self.reader.read_buf(&mut self.received).await {
                Ok(0) | Err(_) => return Err(died()),
                Ok(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
