//! Families of workers that were taken over. What each does is the text that the node has as its
//! action's code.

use futures_util::future::BoxFuture;

use super::*;
use crate::protocol::{CallError, ChildRequest, FRAME_BYTES_MAX_TO_RUNNER, Reply};

/// The workers, and how many there are now and were at most.
#[derive(Default)]
struct Theirs {
    alive: Arc<AtomicUsize>,
    most: AtomicUsize,
}

struct Alive(Arc<AtomicUsize>);

impl Leash for Alive {
    fn give_way(&self) {}
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

static PLACES: Semaphore = Semaphore::const_new(Semaphore::MAX_PERMITS);

impl Theirs {
    fn hire(&self) -> Hired {
        let (ours, theirs) = UnixStream::pair().unwrap();
        tokio::spawn(play(theirs, self.alive.clone()));
        self.most.fetch_max(self.alive.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        Hired { socket: ours, leash: Box::new(Alive(self.alive.clone())) }
    }
}

impl Workers for Theirs {
    fn for_child(&self) -> BoxFuture<'_, Result<(Hired, SemaphorePermit<'_>), RunErrorKind>> {
        futures_util::future::ready(Ok((self.hire(), PLACES.try_acquire().unwrap()))).boxed()
    }
}

/// Does what the code says, line by line, and responds with the replies to its calls.
async fn play(socket: UnixStream, alive: Arc<AtomicUsize>) -> Option<()> {
    let (mut reader, mut writer) = socket.into_split();
    let mut received = Vec::new();
    let ToRunner::Start(start) = next(&mut reader, &mut received).await? else { return None };
    let mut replies = Vec::new();
    let mut calls = 0;
    for line in start.code.lines().filter(|line| !line.is_empty()) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let message = match verb {
            "log" => FromRunner::Log(format!("{rest}\n")),
            "respond" => FromRunner::Done(Ok(rest.to_owned())),
            "auth" => FromRunner::Done(Ok(start.auth.clone())),
            "params" => FromRunner::Done(Ok(start.params.clone())),
            "throw" => FromRunner::Done(Err(thrown(FailureCause::Thrown, rest))),
            // The error of its last call.
            "rethrow" => FromRunner::Done(Err(thrown(FailureCause::Call(calls), rest))),
            "memory" => FromRunner::Done(Ok(start.memory_bytes.to_string())),
            "exhaust" => FromRunner::Done(Err(thrown(FailureCause::Memory, rest))),
            "pause" => {
                tokio::time::sleep(Duration::from_millis(rest.parse().unwrap())).await;
                continue;
            }
            "hang" => std::future::pending().await,
            "wait" => {
                let others: usize = rest.parse().unwrap();
                while alive.load(Ordering::Relaxed) < others {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                continue;
            }
            "await" => {
                for _ in replies.len()..calls as usize {
                    let ToRunner::Reply { result, .. } = next(&mut reader, &mut received).await?
                    else {
                        return None;
                    };
                    replies.push(text_of(result));
                }
                continue;
            }
            _ => {
                calls += 1;
                FromRunner::Call { id: calls, call: call_of(verb, rest) }
            }
        };
        writer.write_all(&encode(&message, usize::MAX).unwrap()).await.ok()?;
    }
    writer
        .write_all(&encode(&FromRunner::Done(Ok(replies.join("; "))), usize::MAX).unwrap())
        .await
        .ok()
}

fn call_of(verb: &str, rest: &str) -> Call {
    let kind = SignKind::PersonalMessage(Vec::new());
    let signature = SignRequest { kind, public_key: "04".into(), name: "s".into() };
    match verb {
        "sign" => Call::Sign(signature),
        "combine" => Call::SignAndCombine(signature),
        // Of a private address: it is refused, and counted.
        "fetch" => fetch("http://127.0.0.1:1/".to_owned(), None),
        "chain" => Call::Chain(ChainQuery::PermittedActions { token_id: "1".into() }),
        "collect" => Call::Collect { name: "n".into(), value: "v".into() },
        "turn" => Call::TakeTurn { name: "n".into(), wait: true },
        "call" => {
            let (cid, params) = rest.split_once(' ').unwrap_or((rest, "{}"));
            Call::Action(ChildRequest { cid: cid.into(), params: params.into() })
        }
        _ => panic!("{verb}"),
    }
}

pub(super) fn thrown(cause: FailureCause, message: &str) -> Failure {
    Failure { cause, message: message.to_owned(), line: None, column: None }
}

pub(super) async fn next(reader: &mut OwnedReadHalf, received: &mut Vec<u8>) -> Option<ToRunner> {
    loop {
        if let Some(message) = protocol::take(received, FRAME_BYTES_MAX_TO_RUNNER).unwrap() {
            return Some(message);
        }
        if reader.read_buf(received).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

pub(super) fn text_of(result: Result<Reply, CallError>) -> String {
    match result {
        Ok(Reply::Text(text)) => text,
        Ok(Reply::Signed) => "signed".into(),
        Ok(_) => "done".into(),
        Err(CallError { code, message, retryable }) => {
            format!("{code}: {message}{}", if retryable { " (retry)" } else { "" })
        }
    }
}

pub(super) struct Ran {
    pub(super) result: Result<Outcome, RunError>,
    /// The CIDs for which the node signed.
    pub(super) signed: Vec<String>,
    /// The most workers at the same time, and those that are left.
    pub(super) most: usize,
    pub(super) left: usize,
}

impl Ran {
    pub(super) fn response(self) -> String {
        self.result.unwrap().response
    }

    pub(super) fn failure(self) -> RunErrorKind {
        self.result.unwrap_err().kind
    }
}

/// Runs the first of these actions, each a CID and its code.
pub(super) async fn run_first(actions: &[(&'static str, &str)], limits: Limits) -> Ran {
    let library = Library::of(actions);
    let (cid, code) = actions[0];
    let action = action(cid, code, limits);
    let workers = Theirs::default();
    let request = Request { action: &action, host: &library, egress: egress(), workers: &workers };
    let result =
        tokio::time::timeout(Duration::from_secs(20), run(workers.hire(), request, "{}".into()))
            .await
            .expect("it ends");
    Ran {
        result,
        signed: library.signed(),
        most: workers.most.into_inner(),
        left: workers.alive.load(Ordering::Relaxed),
    }
}

pub(super) fn family(actions: &[(&'static str, &str)]) -> impl Future<Output = Ran> {
    run_first(actions, Limits { time: Duration::from_secs(10), ..Limits::default() })
}
