//! A worker that was taken over: what it sends is the test's, not the runner's.

mod children;
mod family;
mod lengths;
mod library;
mod limits;
mod places;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::future::FutureExt;
use proptest::prelude::*;
use serde_json::Map;

use super::budget::CALLS_MAX;
use super::*;
use crate::AuthContext;
use crate::egress::EgressConfig;
use crate::protocol::{
    Call, ChainQuery, ERROR_MESSAGE_BYTES_MAX, FRAME_BYTES_MAX_FROM_RUNNER, FetchRequest,
    NAME_BYTES_MAX, Redirect, SignKind, SignRequest, encode,
};
use crate::testing::{Nobody, hired};
use library::Library;

fn limits() -> Limits {
    Limits { time: Duration::from_millis(200), signatures: 3, ..Limits::default() }
}

fn egress() -> &'static Egress {
    let _ = rustls::crypto::ring::default_provider().install_default();
    static EGRESS: LazyLock<Egress> =
        LazyLock::new(|| Egress::new(EgressConfig::default()).unwrap());
    &EGRESS
}

fn action(cid: &str, code: &str, limits: Limits) -> Action {
    let auth = AuthContext { resources: vec!["resource".into()], ..AuthContext::default() };
    Action {
        code: code.into(),
        cid: cid.into(),
        params: Map::new(),
        auth,
        headers: Vec::new(),
        limits,
    }
}

/// Sends the bytes, closes, and returns how the run ended and how often the node signed.
async fn after(bytes: Vec<u8>) -> (Result<Outcome, RunError>, usize) {
    let host = Library::default();
    let action = action("Qm", "1", limits());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let request = Request { action: &action, host: &host, egress: egress(), workers: &Nobody };
    let sending = async {
        // The node may hang up first.
        let _ = theirs.write_all(&bytes).await;
        let _ = theirs.shutdown().await;
        let mut answers = Vec::new();
        let _ = theirs.read_to_end(&mut answers).await;
    };
    let (result, ()) = tokio::join!(run(hired(ours), request, "{}".into()), sending);
    (result, host.signed().len())
}

/// Runs the action of a worker while `part` plays it; what `part` returns, which it does first.
async fn playing<T>(part: impl Future<Output = T>, ours: UnixStream, request: Request<'_>) -> T {
    tokio::select! {
        result = part => result,
        ended = run(hired(ours), request, "{}".into()) => panic!("{ended:?}"),
    }
}

fn frames(messages: &[FromRunner]) -> Vec<u8> {
    messages.iter().flat_map(|message| encode(message, usize::MAX).unwrap()).collect()
}

fn sign(id: u32, name: String) -> FromRunner {
    let kind = SignKind::PersonalMessage(Vec::new());
    FromRunner::Call { id, call: Call::Sign(SignRequest { kind, public_key: "04".into(), name }) }
}

fn fetch(url: String, body: Option<Vec<u8>>) -> Call {
    let method = if body.is_some() { "POST" } else { "GET" };
    Call::Fetch(FetchRequest {
        url,
        method: method.into(),
        headers: Vec::new(),
        body,
        redirect: Redirect::Follow,
    })
}

fn done() -> FromRunner {
    FromRunner::Done(Ok(String::new()))
}

#[tokio::test]
async fn a_worker_gets_no_more_signatures_by_asking_more_often() {
    let calls: Vec<_> = (0..100).map(|_| sign(7, "s".into())).collect();
    let (result, signed) = after(frames(&calls)).await;
    assert!(matches!(result.unwrap_err().kind, RunErrorKind::Worker { .. }));
    assert_eq!(signed, 3);
}

#[tokio::test]
async fn a_worker_may_call_so_often_and_no_more() {
    let calls = |count: u32| {
        let mut calls: Vec<_> = (0..count).map(|id| sign(id, "s".into())).collect();
        calls.push(done());
        frames(&calls)
    };
    after(calls(CALLS_MAX)).await.0.unwrap();
    let error = after(calls(CALLS_MAX + 1)).await.0.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Limit { limit: Limit::Calls, max: CALLS_MAX.into() });
}

#[tokio::test]
async fn a_name_that_is_too_long_never_reaches_the_node() {
    assert_eq!(after(frames(&[sign(1, "s".repeat(NAME_BYTES_MAX)), done()])).await.1, 1);
    assert_eq!(after(frames(&[sign(1, "s".repeat(NAME_BYTES_MAX + 1)), done()])).await.1, 0);
}

#[tokio::test]
async fn a_worker_reaches_no_private_address() {
    let failure =
        Failure { cause: FailureCause::Call(1), message: "m".into(), line: None, column: None };
    let fetch = FromRunner::Call { id: 1, call: fetch("http://127.0.0.1:1/".into(), None) };
    let (result, _) = after(frames(&[fetch, FromRunner::Done(Err(failure))])).await;
    assert!(matches!(result.unwrap_err().kind, RunErrorKind::Thrown { .. }));
}

#[tokio::test]
async fn a_worker_cannot_invent_the_nodes_refusals() {
    let failure =
        Failure { cause: FailureCause::Call(9), message: "m".into(), line: Some(1), column: None };
    let (result, _) = after(frames(&[FromRunner::Done(Err(failure))])).await;
    let thrown = RunErrorKind::Thrown { message: "m".into(), line: Some(1), column: None };
    assert_eq!(result.unwrap_err().kind, thrown);
}

#[tokio::test]
async fn texts_are_held_to_their_limits_whatever_the_worker_says() {
    let limits = limits();
    let response = |length: u32| frames(&[FromRunner::Done(Ok("x".repeat(length as usize)))]);
    after(response(limits.response_bytes)).await.0.unwrap();
    let past = |limit, max: u32| RunErrorKind::Limit { limit, max: max.into() };
    let error = after(response(limits.response_bytes + 1)).await.0.unwrap_err();
    assert_eq!(error.kind, past(Limit::ResponseBytes, limits.response_bytes));

    let log = |length: u32| frames(&[FromRunner::Log("x".repeat(length as usize)), done()]);
    after(log(limits.log_bytes)).await.0.unwrap();
    let error = after(log(limits.log_bytes + 1)).await.0.unwrap_err();
    assert_eq!(error.kind, past(Limit::LogBytes, limits.log_bytes));

    for length in [ERROR_MESSAGE_BYTES_MAX / 2, ERROR_MESSAGE_BYTES_MAX / 2 + 1] {
        let text = "\u{e9}".repeat(length);
        let failure = |cause, message| Failure { cause, message, line: None, column: None };
        let thrown = failure(FailureCause::Thrown, text.clone());
        let error = after(frames(&[FromRunner::Done(Err(thrown))])).await.0.unwrap_err();
        assert!(
            matches!(error.kind, RunErrorKind::Thrown { message, .. } if message.len() == ERROR_MESSAGE_BYTES_MAX)
        );
        let taken = failure(FailureCause::Parameter(text), String::new());
        let error = after(frames(&[FromRunner::Done(Err(taken))])).await.0.unwrap_err();
        assert!(
            matches!(error.kind, RunErrorKind::Parameter { name } if name.len() == ERROR_MESSAGE_BYTES_MAX)
        );
    }
}

#[tokio::test]
async fn a_worker_that_breaks_the_protocol_is_given_up() {
    let too_long = u32::try_from(FRAME_BYTES_MAX_FROM_RUNNER + 1).unwrap().to_le_bytes().to_vec();
    let mut trailing = frames(&[done()]);
    trailing[0] += 1;
    trailing.push(0);
    for (bytes, reason) in [
        (Vec::new(), "it ended before its action did"),
        (vec![1], "it ended before its action did"),
        (vec![5, 0, 0, 0, 1], "it ended before its action did"),
        (vec![0; 4], "it sent a frame without meaning"),
        (vec![1, 0, 0, 0, 0xff], "it sent a frame without meaning"),
        // A string that claims to be longer than its frame.
        (vec![3, 0, 0, 0, 1, 0xff, 0x7f], "it sent a frame without meaning"),
        (trailing, "it sent a frame without meaning"),
        (too_long, "it sent a frame that is too long"),
        (
            frames(&[FromRunner::Ready { missing_layers: Vec::new() }]),
            "it said twice that it is ready",
        ),
        (frames(&[FromRunner::Log(String::new())]), "it sent an empty log line"),
    ] {
        let (result, _) = after(bytes).await;
        assert_eq!(result.unwrap_err().kind, RunErrorKind::Worker { reason });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_node_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), framed: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let frame = if framed {
            [u32::try_from(bytes.len()).unwrap().to_le_bytes().as_slice(), &bytes].concat()
        } else {
            bytes
        };
        let (result, signed) = runtime.block_on(after(frame));
        prop_assert!(signed <= 3);
        if let Err(error) = result {
            prop_assert!(!error.kind.to_string().is_empty());
        }
    }

    #[test]
    fn altered_frames_do_not_make_the_node_panic(at: prop::sample::Index, value: u8) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut bytes = frames(&[FromRunner::Log("log\n".into()), sign(1, "name".into()), sign(2, "name".into()), done()]);
        let at = at.index(bytes.len());
        bytes[at] = value;
        let (_, signed) = runtime.block_on(after(bytes));
        prop_assert!(signed <= 3);
    }
}
