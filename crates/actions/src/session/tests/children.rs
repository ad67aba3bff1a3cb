//! Families of workers that were taken over. What each does is the text that the node has as its action's code.

use std::collections::BTreeMap;
use std::sync::Mutex as Blocking;

use futures_util::future::BoxFuture;

use super::*;
use crate::action::{CODE_BYTES_MAX, PARAMETER_BYTES_MAX};
use crate::host::HostError;
use crate::protocol::{CallError, ChildRequest, FRAME_BYTES_MAX_TO_RUNNER, Reply};

/// The node: it has these actions, and remembers for which of them it signed.
struct Library {
    actions: BTreeMap<&'static str, String>,
    signed: Blocking<Vec<String>>,
}

fn refusal() -> HostError {
    HostError { code: "NodeNoSuchAction".into(), message: "no such action".into(), retryable: true }
}

impl Host for Library {
    fn sign<'a>(&'a self, cid: &'a str, _: SignRequest) -> Answer<'a, ()> {
        self.signed.lock().unwrap().push(cid.to_owned());
        nothing()
    }

    fn sign_and_combine<'a>(&'a self, _: &'a str, _: SignRequest) -> Answer<'a, String> {
        nothing()
    }

    fn code<'a>(&'a self, cid: &'a str) -> Answer<'a, String> {
        futures_util::future::ready(self.actions.get(cid).cloned().ok_or_else(refusal)).boxed()
    }

    fn ask_chain(&self, _: ChainQuery) -> Answer<'_, String> {
        nothing()
    }

    fn collect<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, Vec<String>> {
        nothing()
    }

    fn take_turn<'a>(&'a self, _: &'a str, _: String, _: bool) -> Answer<'a, Turn> {
        futures_util::future::ready(Ok(Turn::Mine)).boxed()
    }

    fn end_turn<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, ()> {
        nothing()
    }
}

/// The workers, and how many there are now and were at most.
#[derive(Default)]
struct Theirs {
    alive: Arc<AtomicUsize>,
    most: AtomicUsize,
}

struct Alive(Arc<AtomicUsize>);

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
        Hired { socket: ours, kept: Box::new(Alive(self.alive.clone())) }
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
    for line in start.code.lines() {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let message = match verb {
            "log" => FromRunner::Log(format!("{rest}\n")),
            "respond" => FromRunner::Done(Ok(rest.to_owned())),
            "auth" => FromRunner::Done(Ok(start.auth.clone())),
            "params" => FromRunner::Done(Ok(start.params.clone())),
            "throw" => FromRunner::Done(Err(thrown(FailureCause::Thrown, rest))),
            // The error of its last call.
            "rethrow" => FromRunner::Done(Err(thrown(FailureCause::Call(calls), rest))),
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
                    let ToRunner::Reply { result, .. } = next(&mut reader, &mut received).await? else { return None };
                    replies.push(text_of(result));
                }
                continue;
            }
            "sign" | "call" => {
                calls += 1;
                let call = match (verb, rest.split_once(' ')) {
                    ("sign", _) => call_to_sign(),
                    (_, Some((cid, params))) => Call::Action(ChildRequest { cid: cid.into(), params: params.into() }),
                    (_, None) => Call::Action(ChildRequest { cid: rest.into(), params: "{}".into() }),
                };
                FromRunner::Call { id: calls, call }
            }
            _ => panic!("{line}"),
        };
        writer.write_all(&encode(&message, usize::MAX).unwrap()).await.ok()?;
    }
    writer.write_all(&encode(&FromRunner::Done(Ok(replies.join("; "))), usize::MAX).unwrap()).await.ok()
}

fn call_to_sign() -> Call {
    Call::Sign(SignRequest { kind: SignKind::PersonalMessage(Vec::new()), public_key: "04".into(), name: "s".into() })
}

fn thrown(cause: FailureCause, message: &str) -> Failure {
    Failure { cause, message: message.to_owned(), line: None, column: None }
}

async fn next(reader: &mut OwnedReadHalf, received: &mut Vec<u8>) -> Option<ToRunner> {
    loop {
        if let Some(message) = protocol::take(received, FRAME_BYTES_MAX_TO_RUNNER).unwrap() {
            return Some(message);
        }
        if reader.read_buf(received).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

fn text_of(result: Result<Reply, CallError>) -> String {
    match result {
        Ok(Reply::Text(text)) => text,
        Ok(Reply::Signed) => "signed".into(),
        Ok(other) => panic!("{other:?}"),
        Err(CallError { code, message, retryable }) => format!("{code}: {message}{}", if retryable { " (retry)" } else { "" }),
    }
}

struct Ran {
    result: Result<Outcome, RunError>,
    signed: Vec<String>,
    most: usize,
    left: usize,
}

impl Ran {
    fn response(self) -> String {
        self.result.unwrap().response
    }

    fn failure(self) -> RunErrorKind {
        self.result.unwrap_err().kind
    }
}

/// Runs the first of these actions, which are in `cid: code` form.
async fn run_first(actions: &[(&'static str, &str)], limits: Limits) -> Ran {
    let library =
        Library { actions: actions.iter().map(|&(cid, code)| (cid, code.to_owned())).collect(), signed: Blocking::default() };
    let (cid, code) = actions[0];
    let action = action(cid, code, limits);
    let workers = Theirs::default();
    let request = Request { action: &action, host: &library, egress: egress(), workers: &workers };
    let result = tokio::time::timeout(Duration::from_secs(20), run(workers.hire(), request, "{}".into())).await.expect("it ends");
    Ran {
        result,
        signed: library.signed.into_inner().unwrap(),
        most: workers.most.into_inner(),
        left: workers.alive.load(Ordering::Relaxed),
    }
}

fn family(actions: &[(&'static str, &str)]) -> impl Future<Output = Ran> {
    run_first(actions, Limits { time: Duration::from_secs(10), ..Limits::default() })
}

#[tokio::test]
async fn the_response_of_a_child_is_what_its_parent_gets() {
    let ran = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", "respond from the child")]).await;
    assert_eq!((ran.most, ran.left), (2, 0));
    assert_eq!(ran.response(), "from the child");
}

#[tokio::test]
async fn a_child_without_code_responds_with_nothing_and_takes_no_worker() {
    let ran = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", " \n\t")]).await;
    assert_eq!(ran.most, 1);
    assert_eq!(ran.response(), "");
}

#[tokio::test]
async fn a_child_knows_its_own_name_and_those_that_called_it() {
    let actions = [("Qm1", "call Qm2\nawait"), ("Qm2", "call Qm3\nawait"), ("Qm3", "auth")];
    let auth: serde_json::Value = family(&actions).await.response().parse().unwrap();
    assert_eq!(auth["actionIpfsIds"], serde_json::json!(["Qm3"]));
    assert_eq!(auth["actionIpfsIdStack"], serde_json::json!(["Qm1", "Qm2", "Qm3"]));
    assert_eq!(auth["resources"], serde_json::json!(["resource"]));
}

#[tokio::test]
async fn a_child_signs_in_its_own_name() {
    let ran = family(&[("Qm1", "call Qm2\nawait\nsign\nawait"), ("Qm2", "sign\nawait")]).await;
    assert_eq!(ran.signed, ["Qm2", "Qm1"]);
    assert_eq!(ran.response(), "signed; signed");
}

#[tokio::test]
async fn a_child_gets_its_parameters_and_only_objects_are_such() {
    let ran = family(&[("Qm1", "call Qm2 {\"a\":[1]}\nawait"), ("Qm2", "params")]).await;
    assert_eq!(ran.response(), "{\"a\":[1]}");
    for params in ["[]", "1", "{", "{}{}", "null"] {
        let ran = family(&[("Qm1", &format!("call Qm2 {params}\nawait")), ("Qm2", "params")]).await;
        assert_eq!(ran.response(), "InvalidArgument: params must be an object", "{params}");
    }
}

#[tokio::test]
async fn names_and_parameters_of_children_have_a_greatest_length() {
    let params = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let small_answer = |ran: Ran| ran.result.map(|outcome| outcome.response.len());
    let limits = Limits { time: Duration::from_secs(10), response_bytes: u32::MAX, ..Limits::default() };
    let longest = params(PARAMETER_BYTES_MAX);
    let ran = run_first(&[("Qm1", &format!("call Qm2 {longest}\nawait")), ("Qm2", "params")], limits.clone()).await;
    assert_eq!(small_answer(ran).unwrap(), PARAMETER_BYTES_MAX);
    let longer = params(PARAMETER_BYTES_MAX + 1);
    let ran = run_first(&[("Qm1", &format!("call Qm2 {longer}\nawait")), ("Qm2", "params")], limits).await;
    assert_eq!(ran.response(), "InvalidArgument: params has at most 1048576 bytes");

    for (length, expected) in [
        (NAME_BYTES_MAX, "NodeNoSuchAction: no such action (retry)"),
        (NAME_BYTES_MAX + 1, "InvalidArgument: ipfsId has at most 256 bytes"),
    ] {
        let ran = family(&[("Qm1", &format!("call {}\nawait", "Q".repeat(length)))]).await;
        assert_eq!(ran.response(), expected);
    }
}

#[tokio::test]
async fn code_of_a_child_has_a_greatest_length() {
    let code = |bytes: usize| format!("respond short\n{}", " ".repeat(bytes - 14));
    let longest = code(CODE_BYTES_MAX);
    assert_eq!(family(&[("Qm1", "call Qm2\nawait"), ("Qm2", &longest)]).await.response(), "short");
    let longer = code(CODE_BYTES_MAX + 1);
    let refused = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", &longer)]).await.response();
    assert_eq!(refused, format!("LimitExceeded: {}", Limit::CodeBytes.message(CODE_BYTES_MAX as u64)));
}

#[tokio::test]
async fn a_family_shares_one_budget() {
    let limits = |signatures| Limits { time: Duration::from_secs(10), signatures, ..Limits::default() };
    let actions = [("Qm1", "sign\ncall Qm2\nawait\nsign\nawait"), ("Qm2", "sign\nawait")];
    let ran = run_first(&actions, limits(3)).await;
    assert_eq!(ran.response(), "signed; signed; signed");
    let ran = run_first(&actions, limits(2)).await;
    assert_eq!(ran.signed.len(), 2);
    assert_eq!(ran.response(), format!("signed; signed; LimitExceeded: {}", Limit::Signatures.message(2)));
}

#[tokio::test]
async fn children_go_as_deep_as_the_limit_says_and_no_deeper() {
    async fn deepest(others: &str, deepest: &str) -> Ran {
        let code = |child: &str| format!("call {child}\nawait{others}");
        let codes = ["Qm1", "Qm2", "Qm3", "Qm4", "Qm5"].map(code);
        let callers = ["Qm0", "Qm1", "Qm2", "Qm3", "Qm4"].into_iter().zip(codes.iter().map(String::as_str));
        family(&callers.chain([("Qm5", deepest)]).collect::<Vec<_>>()).await
    }
    assert_eq!(deepest("", "respond deep").await.response(), "deep");
    let refused = deepest("", "call Qm0\nawait").await.response();
    assert_eq!(refused, "LimitExceeded: The recursion limit of a child action is 5");
    let uncaught = deepest("\nrethrow it", "call Qm0\nawait\nrethrow it").await.failure();
    assert_eq!(uncaught, RunErrorKind::Limit { limit: Limit::Depth, max: 5 }, "through five that do not catch it");
}

#[tokio::test]
async fn an_action_that_calls_itself_ends() {
    let ran = family(&[("Qm1", "call Qm1\nawait")]).await;
    assert_eq!(ran.most, 6);
    assert_eq!(ran.response(), "LimitExceeded: The recursion limit of a child action is 5");
}

#[tokio::test]
async fn no_more_than_two_children_of_a_request_run_at_the_same_time() {
    // Each ends only once there are two besides their parent.
    let actions = [("Qm1", "call Qm2\ncall Qm2\ncall Qm2\ncall Qm2\nawait"), ("Qm2", "wait 3\nrespond x")];
    let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
    let ran = run_first(&actions, limits).await;
    assert_eq!(ran.most, 3);
    assert_eq!(ran.response(), "x; x; x; x");
}

#[tokio::test]
async fn what_children_log_stands_where_they_ended() {
    let actions = [("Qm1", "log a\ncall Qm2\nawait\nlog c\ncall Qm3\nawait\nlog e"), ("Qm2", "log b"), ("Qm3", "log d\nthrow x")];
    assert_eq!(family(&actions).await.result.unwrap().logs, "a\nb\nc\nd\ne\n");
    let uncaught = [("Qm1", "log a\ncall Qm2\nawait\nrethrow x"), ("Qm2", "log b\nthrow x")];
    assert_eq!(family(&uncaught).await.result.unwrap_err().logs, "a\nb\n");
}

#[tokio::test]
async fn what_children_log_counts_among_what_their_parent_logs() {
    let limits = |log_bytes| Limits { time: Duration::from_secs(10), log_bytes, ..Limits::default() };
    let actions = [("Qm1", "log 34567\ncall Qm2\nawait"), ("Qm2", "log 2\nlog 4")];
    assert_eq!(run_first(&actions, limits(10)).await.result.unwrap().logs, "34567\n2\n4\n");
    let ran = run_first(&actions, limits(9)).await;
    assert_eq!(ran.failure(), RunErrorKind::Limit { limit: Limit::LogBytes, max: 9 });
}

#[tokio::test]
async fn a_parent_can_catch_what_its_child_throws() {
    let ran = family(&[("Qm1", "call Qm2\nawait"), ("Qm2", "throw TypeError: no")]).await;
    assert_eq!(ran.response(), "ChildFailed: TypeError: no");
    // It threw it itself, then: the position is that in its own code.
    let uncaught = family(&[("Qm1", "call Qm2\nawait\nrethrow Error: TypeError: no"), ("Qm2", "throw TypeError: no")]).await;
    let message = "Error: TypeError: no".to_owned();
    assert_eq!(uncaught.failure(), RunErrorKind::Thrown { message, line: None, column: None });
}

#[tokio::test]
async fn what_the_node_refuses_a_child_is_known_as_such_at_the_top() {
    let refused = [("Qm1", "call Qm2\nawait"), ("Qm2", "call Qm9\nawait\nrethrow it")];
    assert_eq!(family(&refused).await.response(), "NodeNoSuchAction: no such action (retry)");
    let uncaught = [("Qm1", "call Qm2\nawait\nrethrow it"), ("Qm2", "call Qm9\nawait\nrethrow it")];
    assert_eq!(family(&uncaught).await.failure(), RunErrorKind::Host(refusal()));
}

#[tokio::test]
async fn a_child_is_killed_with_its_parent() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    for (parent, left) in [("call Qm2\nawait", 0), ("call Qm2\nwait 2\nrespond early", 0), ("call Qm2\nwait 2\nthrow early", 0)] {
        let ran = run_first(&[("Qm1", parent), ("Qm2", "call Qm3\nawait"), ("Qm3", "hang")], limits.clone()).await;
        assert_eq!(ran.left, left, "{parent}");
        match (parent.contains("early"), ran.result) {
            (false, Err(RunError { kind: RunErrorKind::Timeout { limit }, .. })) => assert_eq!(limit, limits.time),
            (true, Ok(_) | Err(RunError { kind: RunErrorKind::Thrown { .. }, .. })) => {}
            (_, other) => panic!("{parent}: {other:?}"),
        }
    }
}
