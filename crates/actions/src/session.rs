//! One action on one worker: what the node hands over, what it does for the worker, and when it
//! stops listening.

mod budget;
mod calls;
mod child;
mod lengths;

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::action::{Action, Limits, Outcome};
use crate::egress::Egress;
use crate::error::{Limit, RunError, RunErrorKind};
use crate::host::Host;
use crate::protocol::{self, Failure, FailureCause, FrameError, FromRunner, Start, ToRunner};
use budget::Budget;
use calls::{Answered, CallFailure, Placed};

/// Fetches of one request that run or whose responses the worker has not taken; the others wait.
const FETCHES_IN_PARALLEL: usize = 6;

/// The same of questions to chains.
const QUESTIONS_IN_PARALLEL: usize = 6;

/// What the calls of a worker that wait for their place may weigh, before nothing more is read from
/// it.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// How long an action runs before it gives way to shorter ones.
const SHORT: Duration = Duration::from_millis(50);

/// A worker for one session.
pub(crate) struct Hired {
    pub(crate) socket: UnixStream,
    pub(crate) leash: Box<dyn Leash>,
}

/// What a worker lives by. Dropping it kills the worker.
pub(crate) trait Leash: Send + Sync {
    /// Has it run only when others that want to run cannot use the processor better.
    fn give_way(&self);
}

/// Where child actions find workers.
pub(crate) trait Workers: Sync {
    /// A worker, and its place among those of children.
    fn for_child(&self) -> BoxFuture<'_, Result<(Hired, SemaphorePermit<'_>), RunErrorKind>>;
}

/// What a session needs besides its worker.
pub(crate) struct Request<'a> {
    pub(crate) action: &'a Action,
    pub(crate) host: &'a dyn Host,
    pub(crate) egress: &'a Egress,
    pub(crate) workers: &'a dyn Workers,
}

/// Runs the action of the request, with these parameters in JSON. Dropping the future kills its
/// worker, and those of its children.
pub(crate) async fn run(
    worker: Hired,
    request: Request<'_>,
    params: String,
) -> Result<Outcome, RunError> {
    let limits = &request.action.limits;
    let family = Family {
        budget: Budget::new(limits),
        deadline: Instant::now() + limits.time,
        fetching: Semaphore::new(FETCHES_IN_PARALLEL),
        asking: Semaphore::new(QUESTIONS_IN_PARALLEL),
        children: child::places(limits.depth),
        request,
    };
    family
        .run(worker, vec![&family.request.action.cid], family.request.action.code.clone(), params)
        .await
}

/// An action and all its children.
struct Family<'a> {
    request: Request<'a>,
    budget: Budget,
    deadline: Instant,
    fetching: Semaphore,
    asking: Semaphore,
    /// By depth: a child only ever waits for a place of those below it, so that no two wait for
    /// each other.
    children: Vec<Semaphore>,
}

impl Family<'_> {
    /// Runs one of them. `stack` is the CIDs of those that called it, and its own.
    async fn run(
        &self,
        worker: Hired,
        stack: Vec<&str>,
        code: String,
        params: String,
    ) -> Result<Outcome, RunError> {
        let Hired { socket, leash } = worker;
        let (reader, writer) = socket.into_split();
        let start = self.start_of(&stack, code, params);
        let session = Session {
            family: self,
            limits: &self.request.action.limits,
            stack,
            writer: Mutex::new(writer),
        };
        let mut transcript = Transcript::default();

        let long = async {
            tokio::time::sleep(SHORT).await;
            leash.give_way();
            std::future::pending().await
        };
        let ended = tokio::select! {
            ended = tokio::time::timeout_at(self.deadline, session.follow(reader, start, &mut transcript)) => ended,
            never = long => never,
        };
        let result = ended.unwrap_or(Err(RunErrorKind::Timeout { limit: session.limits.time }));
        match result {
            Ok(response) => Ok(Outcome { response, logs: transcript.logs }),
            Err(kind) => Err(RunError { kind, logs: transcript.logs }),
        }
    }

    fn start_of(&self, stack: &[&str], code: String, params: String) -> Start {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Auth<'a> {
            action_ipfs_ids: &'a [&'a str],
            action_ipfs_id_stack: &'a [&'a str],
            #[serde(flatten)]
            context: &'a crate::AuthContext,
        }
        let action = self.request.action;
        let own = stack.last().map_or_else(Default::default, std::slice::from_ref);
        let auth =
            Auth { action_ipfs_ids: own, action_ipfs_id_stack: stack, context: &action.auth };
        Start {
            code,
            params,
            auth: serde_json::to_value(auth).unwrap_or_default().to_string(),
            headers: action.headers.clone(),
            memory_bytes: action.limits.memory_bytes,
            response_bytes: action.limits.response_bytes,
            log_bytes: action.limits.log_bytes,
        }
    }
}

struct Session<'a> {
    family: &'a Family<'a>,
    limits: &'a Limits,
    /// The CIDs of the actions that led here, its own last.
    stack: Vec<&'a str>,
    /// Each call writes its own reply, so that reading never waits for a worker that does not read.
    writer: Mutex<OwnedWriteHalf>,
}

/// What the node keeps of a run.
#[derive(Default)]
struct Transcript {
    logs: String,
    /// Why calls failed, by the worker's number for them: it may name one, not tell the reason.
    failures: HashMap<u32, CallFailure>,
}

impl Session<'_> {
    async fn follow(
        &self,
        reader: OwnedReadHalf,
        start: Start,
        transcript: &mut Transcript,
    ) -> Result<String, RunErrorKind> {
        let mut frames = Frames { reader, received: Vec::new() };
        self.send(ToRunner::Start(start)).await?;
        let mut calls = FuturesUnordered::new();
        let mut waiting: FuturesUnordered<BoxFuture<Placed>> = FuturesUnordered::new();
        let mut waiting_bytes = 0;
        loop {
            let frame = tokio::select! {
                // A call that was taken in is begun before anything else is read.
                biased;
                Some(answered) = calls.next(), if !calls.is_empty() => {
                    let Answered { id, failure, logs } = answered;
                    self.append(transcript, &logs)?;
                    if let Some(failure) = failure {
                        transcript.failures.insert(id, failure);
                    }
                    continue;
                }
                Some(placed) = waiting.next(), if !waiting.is_empty() => {
                    waiting_bytes -= placed.bytes;
                    calls.push(self.answer(placed));
                    continue;
                }
                frame = frames.next(), if waiting_bytes < WAITING_BYTES_MAX => frame?,
            };
            match frame {
                // An empty line would cost nothing, and so could be sent without end.
                FromRunner::Log(line) if line.is_empty() => {
                    return Err(broken("it sent an empty log line"));
                }
                FromRunner::Log(line) => self.append(transcript, &line)?,
                FromRunner::Call { id, call } => {
                    let work = self.admit(call)?;
                    waiting_bytes += work.bytes;
                    waiting.push(self.place(id, work).boxed());
                }
                FromRunner::Done(Ok(response)) => return self.accept(response),
                FromRunner::Done(Err(failure)) => return Err(self.explain(transcript, failure)),
                FromRunner::Ready { .. } => return Err(broken("it said twice that it is ready")),
            }
        }
    }

    /// The action, as permissions name it.
    fn cid(&self) -> &str {
        self.stack.last().copied().unwrap_or_default()
    }

    /// How many actions led here.
    fn depth(&self) -> usize {
        self.stack.len().saturating_sub(1)
    }

    fn append(&self, transcript: &mut Transcript, lines: &str) -> Result<(), RunErrorKind> {
        let max = self.limits.log_bytes;
        if transcript.logs.len() + lines.len() > max as usize {
            return Err(RunErrorKind::Limit { limit: Limit::LogBytes, max: max.into() });
        }
        transcript.logs.push_str(lines);
        Ok(())
    }

    fn accept(&self, response: String) -> Result<String, RunErrorKind> {
        let max = self.limits.response_bytes;
        if response.len() > max as usize {
            return Err(RunErrorKind::Limit { limit: Limit::ResponseBytes, max: max.into() });
        }
        Ok(response)
    }

    /// Turns the worker's word into an error, trusting of it nothing but the script's own message
    /// and the name of a parameter that it found taken, of which neither is without end.
    fn explain(&self, transcript: &mut Transcript, failure: Failure) -> RunErrorKind {
        let Failure { cause, message, line, column } = failure;
        let message = protocol::cut(message);
        match cause {
            FailureCause::Memory => RunErrorKind::Memory { limit_bytes: self.limits.memory_bytes },
            FailureCause::Parameter(name) => RunErrorKind::Parameter { name: protocol::cut(name) },
            FailureCause::Call(id) => match transcript.failures.remove(&id) {
                Some(CallFailure::Host(error)) => RunErrorKind::Host(error),
                Some(CallFailure::Limit(limit, max)) => RunErrorKind::Limit { limit, max },
                Some(CallFailure::Child(kind)) => kind,
                Some(CallFailure::Script) | None => RunErrorKind::Thrown { message, line, column },
            },
            FailureCause::Thrown => RunErrorKind::Thrown { message, line, column },
        }
    }

    async fn send(&self, message: ToRunner) -> Result<(), RunErrorKind> {
        let mut writer = self.writer.lock().await;
        // Only now: a worker may take its time to read, and messages that wait for it need not be
        // there in two forms.
        let frame = protocol::encode(&message, protocol::FRAME_BYTES_MAX_TO_RUNNER)
            .map_err(|_| broken("a message to it was too long"))?;
        drop(message);
        writer.write_all(&frame).await.map_err(|_| died())
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
                Err(FrameError::TooLong { .. }) => {
                    return Err(broken("it sent a frame that is too long"));
                }
                Err(FrameError::Malformed) => {
                    return Err(broken("it sent a frame without meaning"));
                }
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
