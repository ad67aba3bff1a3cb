//! Whole actions on workers that were taken over and send what the fuzzer likes: the node does no
//! more for them than the limits say, hands nothing on that is too long, and never panics.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use conclave_actions::protocol::{
    ERROR_MESSAGE_BYTES_MAX, FRAME_BYTES_MAX_TO_RUNNER, NAME_BYTES_MAX, PERSONAL_MESSAGE_BYTES_MAX,
    RESULT_BYTES_MAX, SignKind, ToRunner, VALUE_BYTES_MAX, take,
};
use conclave_actions::testing::run_on_worker_that_sends;
use conclave_actions::{
    Action, Answer, AuthContext, ChainQuery, Egress, EgressConfig, Host, HostError, Limits,
    SignRequest, Turn,
};
use futures_util::future::FutureExt;
use tokio::runtime::Runtime;

/// The script's part of an error, and ours.
const ERROR_BYTES_MAX: usize = ERROR_MESSAGE_BYTES_MAX + 200;

/// Calls of one run, as the node counts them.
const CALLS_MAX: usize = 1000;

fn limits() -> Limits {
    Limits {
        time: Duration::from_millis(50),
        memory_bytes: 1 << 20,
        response_bytes: 64,
        log_bytes: 64,
        signatures: 2,
        fetches: 2,
        chain_queries: 2,
        exchanges: 2,
        children: 2,
        depth: 1,
    }
}

thread_local! {
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
}

/// Sends nothing anywhere: no fetch ever gets its turn.
static EGRESS: LazyLock<Egress> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config =
        EgressConfig { parallel: 0, time: Duration::from_millis(1), ..EgressConfig::default() };
    Egress::new(config).expect("a client")
});

/// Counts what it is asked for, and answers in the way that the fuzzer chose.
#[derive(Default)]
struct Counting {
    manner: u8,
    signatures: AtomicUsize,
    chain_queries: AtomicUsize,
    exchanges: AtomicUsize,
    ended_turns: AtomicUsize,
    children: AtomicUsize,
}

impl Counting {
    fn count<'a, T: Send + 'a>(&self, what: &AtomicUsize, answer: T) -> Answer<'a, T> {
        what.fetch_add(1, Ordering::Relaxed);
        let error =
            HostError { code: "NodeNotPermitted".into(), message: "no".into(), retryable: false };
        match self.manner % 4 {
            0 => std::future::ready(Ok(answer)).boxed(),
            1 => std::future::ready(Err(error)).boxed(),
            2 => async move {
                tokio::task::yield_now().await;
                Ok(answer)
            }
            .boxed(),
            _ => std::future::pending().boxed(),
        }
    }

    fn judge(&self, request: &SignRequest) {
        assert!(request.name.len() <= NAME_BYTES_MAX && request.public_key.len() <= NAME_BYTES_MAX);
        if let SignKind::PersonalMessage(message) = &request.kind {
            assert!(message.len() <= PERSONAL_MESSAGE_BYTES_MAX);
        }
    }

    fn counted(&self, what: &AtomicUsize, max: u32) {
        let counted = what.load(Ordering::Relaxed);
        assert!(counted <= max as usize, "{counted} of at most {max}");
    }
}

impl Host for Counting {
    fn sign<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, ()> {
        self.judge(&request);
        self.count(&self.signatures, ())
    }

    fn sign_and_combine<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, String> {
        self.judge(&request);
        self.count(&self.signatures, "{}".into())
    }

    fn code<'a>(&'a self, _: &'a str) -> Answer<'a, String> {
        self.count(&self.children, "1".into())
    }

    fn ask_chain(&self, query: ChainQuery) -> Answer<'_, String> {
        match query {
            // Answered from the configuration.
            ChainQuery::RpcUrl { .. } => self.count(&AtomicUsize::new(0), "\"\"".into()),
            _ => self.count(&self.chain_queries, "[]".into()),
        }
    }

    fn collect<'a>(&'a self, _: &'a str, name: String, value: String) -> Answer<'a, Vec<String>> {
        assert!(name.len() <= NAME_BYTES_MAX && value.len() <= VALUE_BYTES_MAX);
        self.count(&self.exchanges, vec![value])
    }

    fn take_turn<'a>(&'a self, _: &'a str, name: String, _: bool) -> Answer<'a, Turn> {
        assert!(name.len() <= NAME_BYTES_MAX);
        self.count(&self.exchanges, Turn::Mine)
    }

    fn end_turn<'a>(&'a self, _: &'a str, name: String, result: String) -> Answer<'a, ()> {
        assert!(name.len() <= NAME_BYTES_MAX && result.len() <= RESULT_BYTES_MAX);
        self.count(&self.ended_turns, ())
    }
}

/// The bytes that the worker sends: as they are, or cut into frames by lengths of two bytes, so
/// that a change need not fit its length.
fn sent(framed: bool, mut data: &[u8]) -> Vec<u8> {
    if !framed {
        return data.to_vec();
    }
    let mut sent = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let (frame, rest) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
        sent.extend((frame.len() as u32).to_le_bytes());
        sent.extend(frame);
        data = rest;
    }
    sent
}

/// Whether the action ended well. The first byte says how the node answers, and whether the rest is
/// cut into frames.
pub fn choose(data: &[u8]) -> bool {
    let Some((first, data)) = data.split_first() else { return false };
    let (host, limits) =
        (Arc::new(Counting { manner: first >> 1, ..Counting::default() }), limits());
    let action = Action {
        code: "1".into(),
        cid: "Qm".into(),
        params: serde_json::Map::new(),
        auth: AuthContext::default(),
        headers: Vec::new(),
        limits: limits.clone(),
    };
    let sent = sent(first % 2 == 1, data);
    let run = run_on_worker_that_sends(&sent, &action, host.clone(), &EGRESS);
    let (ended, mut received) =
        RUNTIME.with_borrow(|runtime| runtime.block_on(run)).expect("a pair of sockets");

    host.counted(&host.signatures, limits.signatures);
    host.counted(&host.chain_queries, limits.chain_queries);
    host.counted(&host.exchanges, limits.exchanges);
    host.counted(&host.children, limits.children);
    host.counted(&host.ended_turns, CALLS_MAX as u32);
    let logs = match &ended {
        Ok(outcome) => {
            assert!(outcome.response.len() <= limits.response_bytes as usize);
            &outcome.logs
        }
        Err(error) => {
            assert!(error.kind.to_string().len() <= ERROR_BYTES_MAX, "an error is a sentence");
            &error.logs
        }
    };
    assert!(logs.len() <= limits.log_bytes as usize);
    let (mut fetches, mut replies) = (0, 0);
    while let Ok(Some(message)) = take::<ToRunner>(&mut received, FRAME_BYTES_MAX_TO_RUNNER) {
        if let ToRunner::Reply { result, .. } = message {
            replies += 1;
            fetches += u32::from(result.is_err_and(|error| error.code == "FetchFailed"));
        }
    }
    assert!(fetches <= limits.fetches && replies <= CALLS_MAX);
    ended.is_ok()
}
