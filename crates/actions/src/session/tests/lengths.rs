//! Every text and every list of bytes that a message from a worker has, at its greatest length and
//! one past it.

use super::*;
use crate::action::PARAMETER_BYTES_MAX;
use crate::protocol::{
    CHAIN_ANSWER_BYTES_MAX, CallError, ChildRequest, FRAME_BYTES_MAX_TO_RUNNER,
    PERSONAL_MESSAGE_BYTES_MAX, REQUEST_BODY_BYTES_MAX, RESULT_BYTES_MAX, Reply,
    TRANSACTION_BYTES_MAX, URL_BYTES_MAX, VALUE_BYTES_MAX,
};

/// The node's reply to one call.
async fn reply_to(call: Call) -> Result<Reply, CallError> {
    // With children of the shortest name and of the longest, which do nothing.
    reply_of(Library::of(&[("x", ""), (&text(NAME_BYTES_MAX), "")]), call).await
}

async fn reply_of(host: Library, call: Call) -> Result<Reply, CallError> {
    let action = action("Qm", "1", Limits { time: Duration::from_secs(10), ..Limits::default() });
    let request = Request { action: &action, host: &host, egress: egress(), workers: &Nobody };
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let asking = async {
        theirs.write_all(&frames(&[FromRunner::Call { id: 1, call }])).await.unwrap();
        let mut received = Vec::new();
        loop {
            match protocol::take(&mut received, FRAME_BYTES_MAX_TO_RUNNER).unwrap() {
                Some(ToRunner::Reply { result, .. }) => break result,
                Some(ToRunner::Start(_)) => {}
                None => assert!(theirs.read_buf(&mut received).await.unwrap() > 0),
            }
        }
    };
    playing(asking, ours, request).await
}

fn sign(kind: SignKind, public_key: String, name: String) -> SignRequest {
    SignRequest { kind, public_key, name }
}

fn raw() -> SignKind {
    SignKind::Raw([0; 32])
}

/// A call with something of a given length in it.
type OfLength = fn(usize) -> Call;

fn text(length: usize) -> String {
    "x".repeat(length)
}

/// What may have which length at most.
const CASES: &[(&str, usize, OfLength)] = &[
    ("a key", NAME_BYTES_MAX, |n| Call::Sign(sign(raw(), text(n), text(1)))),
    ("a key to combine", NAME_BYTES_MAX, |n| Call::SignAndCombine(sign(raw(), text(n), text(1)))),
    ("a signature's name", NAME_BYTES_MAX, |n| Call::Sign(sign(raw(), text(1), text(n)))),
    ("a combined signature's name", NAME_BYTES_MAX, |n| {
        Call::SignAndCombine(sign(raw(), text(1), text(n)))
    }),
    ("a message", PERSONAL_MESSAGE_BYTES_MAX, |n| {
        Call::Sign(sign(SignKind::PersonalMessage(vec![0; n]), text(1), text(1)))
    }),
    ("a transaction", TRANSACTION_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::CallContract { chain: text(1), transaction: text(n) })
    }),
    ("a called chain", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::CallContract { chain: text(n), transaction: text(1) })
    }),
    ("a nonce's chain", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::LatestNonce { chain: text(n), address: text(1) })
    }),
    ("a nonce's account", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::LatestNonce { chain: text(1), address: text(n) })
    }),
    ("a URL's chain", NAME_BYTES_MAX, |n| Call::Chain(ChainQuery::RpcUrl { chain: text(n) })),
    ("an action's token", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAction { token_id: text(n), cid: text(1) })
    }),
    ("an action", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAction { token_id: text(1), cid: text(n) })
    }),
    ("an address's token", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAddress { token_id: text(n), address: text(1) })
    }),
    ("an address", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAddress { token_id: text(1), address: text(n) })
    }),
    ("a method's token", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAuthMethod {
            token_id: text(n),
            auth_method_type: text(1),
            user_id: Vec::new(),
        })
    }),
    ("a method", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAuthMethod {
            token_id: text(1),
            auth_method_type: text(n),
            user_id: Vec::new(),
        })
    }),
    ("a method's user", VALUE_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::IsPermittedAuthMethod {
            token_id: text(1),
            auth_method_type: text(1),
            user_id: vec![0; n],
        })
    }),
    ("scopes' user", VALUE_BYTES_MAX, |n| {
        let (token_id, auth_method_type, user_id) = (text(1), text(1), vec![0; n]);
        Call::Chain(ChainQuery::PermittedAuthMethodScopes {
            token_id,
            auth_method_type,
            user_id,
            max_scope_id: 1,
        })
    }),
    ("scopes' token", NAME_BYTES_MAX, |n| {
        let (token_id, auth_method_type, user_id) = (text(n), text(1), Vec::new());
        Call::Chain(ChainQuery::PermittedAuthMethodScopes {
            token_id,
            auth_method_type,
            user_id,
            max_scope_id: 1,
        })
    }),
    ("scopes' method", NAME_BYTES_MAX, |n| {
        let (token_id, auth_method_type, user_id) = (text(1), text(n), Vec::new());
        Call::Chain(ChainQuery::PermittedAuthMethodScopes {
            token_id,
            auth_method_type,
            user_id,
            max_scope_id: 1,
        })
    }),
    ("actions' token", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::PermittedActions { token_id: text(n) })
    }),
    ("addresses' token", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::PermittedAddresses { token_id: text(n) })
    }),
    ("methods' token", NAME_BYTES_MAX, |n| {
        Call::Chain(ChainQuery::PermittedAuthMethods { token_id: text(n) })
    }),
    ("an exchange's name", NAME_BYTES_MAX, |n| Call::Collect { name: text(n), value: text(1) }),
    ("a value", VALUE_BYTES_MAX, |n| Call::Collect { name: text(1), value: text(n) }),
    ("a turn's name", NAME_BYTES_MAX, |n| Call::TakeTurn { name: text(n), wait: true }),
    ("an ended turn's name", NAME_BYTES_MAX, |n| Call::EndTurn { name: text(n), result: text(1) }),
    ("a turn's result", RESULT_BYTES_MAX, |n| Call::EndTurn { name: text(1), result: text(n) }),
    ("a child's name", NAME_BYTES_MAX, |n| {
        Call::Action(ChildRequest { cid: text(n), params: "{}".into() })
    }),
    ("a child's parameters", PARAMETER_BYTES_MAX, |n| {
        Call::Action(ChildRequest { cid: text(1), params: format!("{{{}}}", " ".repeat(n - 2)) })
    }),
];

#[tokio::test]
async fn everything_that_a_worker_sends_has_a_greatest_length() {
    for (what, max, call) in CASES {
        let longest = reply_to(call(*max)).await;
        assert!(longest.is_ok(), "{what}: {longest:?}");
        let refused = reply_to(call(max + 1)).await.unwrap_err();
        assert_eq!(refused.code, "InvalidArgument", "{what}");
        assert!(
            refused.message.ends_with(&format!("has at most {max} bytes")),
            "{what}: {}",
            refused.message
        );
    }
}

#[tokio::test]
async fn each_part_of_a_request_has_a_greatest_length() {
    let of = async |request: FetchRequest| reply_to(Call::Fetch(request)).await.unwrap_err();
    let request = |url: String, body: usize| match fetch(url, Some(vec![0; body])) {
        Call::Fetch(request) => request,
        other => panic!("{other:?}"),
    };
    let private = || "http://127.0.0.1:1/".to_owned();
    let with_header = |name: &str, value: usize| {
        let headers = vec![(name.to_owned(), text(value))];
        FetchRequest { headers, ..request(private(), 0) }
    };
    let header_bytes = EgressConfig::default().header_bytes;
    let long = |bytes: usize| private() + &text(bytes - private().len());
    for longest in [
        request(private(), REQUEST_BODY_BYTES_MAX),
        request(long(URL_BYTES_MAX), 0),
        with_header("a", header_bytes - 1),
    ] {
        let error = of(longest).await;
        assert!(error.message.contains("not public"), "its length is no reason: {error:?}");
    }
    for (longer, reason) in [
        (
            request(private(), REQUEST_BODY_BYTES_MAX + 1),
            "a request may have a body of at most 1048576 bytes",
        ),
        (request(long(URL_BYTES_MAX + 1), 0), "a URL has at most 65536 bytes"),
        (with_header("a", header_bytes), "fetch cannot send these headers: they are too long"),
        // Without a length of their own they would cost nothing.
        (with_header("", 0), "fetch cannot send these headers: a name is not one"),
        (
            FetchRequest { method: text(1 << 20), ..request(private(), 0) },
            "fetch does not know this method",
        ),
    ] {
        let error = of(longer).await;
        assert_eq!((error.code.as_str(), error.message.as_str()), ("FetchFailed", reason));
    }
}

#[tokio::test]
async fn an_answer_of_a_chain_has_a_greatest_length() {
    let call = || Call::Chain(ChainQuery::CallContract { chain: text(1), transaction: text(1) });
    let answer = async |bytes| reply_of(Library::answering(bytes), call()).await;
    assert!(
        matches!(answer(CHAIN_ANSWER_BYTES_MAX).await, Ok(Reply::Text(text)) if text.len() == CHAIN_ANSWER_BYTES_MAX)
    );
    let error = answer(CHAIN_ANSWER_BYTES_MAX + 1).await.unwrap_err();
    assert_eq!(error.message, "an answer of a chain has at most 1048576 bytes");
}

#[tokio::test]
async fn a_frame_has_a_greatest_length() {
    // The variant, and the length of the text in three bytes.
    let around = 1 + 3;
    let log = |frame_bytes: usize| frames(&[FromRunner::Log("x".repeat(frame_bytes - around))]);
    let longest = log(FRAME_BYTES_MAX_FROM_RUNNER);
    assert_eq!(longest.len(), 4 + FRAME_BYTES_MAX_FROM_RUNNER);
    let error = after(longest).await.0.unwrap_err();
    assert!(
        matches!(error.kind, RunErrorKind::Limit { limit: Limit::LogBytes, .. }),
        "it was read: {error}"
    );
    let error = after(log(FRAME_BYTES_MAX_FROM_RUNNER + 1)).await.0.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Worker { reason: "it sent a frame that is too long" });
}
