//! What the fuzzer starts from: every message that a worker sends, alone and in sessions.

use conclave_actions::protocol::{
    Call, ChainQuery, ChildRequest, Failure, FailureCause, FetchRequest, FromRunner, Redirect,
    SignKind, SignRequest, encode,
};

fn queries() -> Vec<ChainQuery> {
    let chain = || "ethereum".to_owned();
    let token_id = || "1".to_owned();
    let auth_method_type = token_id;
    vec![
        ChainQuery::CallContract { chain: chain(), transaction: "0xf8".into() },
        ChainQuery::LatestNonce { chain: chain(), address: "0x01".into() },
        ChainQuery::RpcUrl { chain: chain() },
        ChainQuery::IsPermittedAction { token_id: token_id(), cid: "Qm".into() },
        ChainQuery::IsPermittedAddress { token_id: token_id(), address: "0x01".into() },
        ChainQuery::IsPermittedAuthMethod {
            token_id: token_id(),
            auth_method_type: auth_method_type(),
            user_id: vec![1],
        },
        ChainQuery::PermittedActions { token_id: token_id() },
        ChainQuery::PermittedAddresses { token_id: token_id() },
        ChainQuery::PermittedAuthMethods { token_id: token_id() },
        ChainQuery::PermittedAuthMethodScopes {
            token_id: token_id(),
            auth_method_type: auth_method_type(),
            user_id: vec![1],
            max_scope_id: 100,
        },
    ]
}

fn calls() -> Vec<Call> {
    let sign = |kind| SignRequest { kind, public_key: "04".into(), name: "sig".into() };
    let mut calls = vec![
        Call::Sign(sign(SignKind::Raw([7; 32]))),
        Call::Sign(sign(SignKind::PersonalMessage(b"message".to_vec()))),
        Call::SignAndCombine(sign(SignKind::Raw([0; 32]))),
        Call::Fetch(FetchRequest {
            url: "https://server.example/path".into(),
            method: "POST".into(),
            headers: vec![("a".into(), "b".into())],
            body: Some(b"body".to_vec()),
            redirect: Redirect::Follow,
        }),
        Call::Action(ChildRequest { cid: "Qm".into(), params: "{}".into() }),
        Call::Collect { name: "name".into(), value: "value".into() },
        Call::TakeTurn { name: "name".into(), wait: true },
        Call::EndTurn { name: "name".into(), result: "result".into() },
    ];
    calls.extend(queries().into_iter().map(Call::Chain));
    calls
}

fn ends() -> Vec<FromRunner> {
    let failures = [
        FailureCause::Thrown,
        FailureCause::Memory,
        FailureCause::Call(1),
        FailureCause::Parameter("name".into()),
    ];
    let failures = failures.map(|cause| Failure {
        cause,
        message: "message".into(),
        line: Some(1),
        column: Some(2),
    });
    let mut ends = vec![FromRunner::Done(Ok("response".into()))];
    ends.extend(failures.map(|failure| FromRunner::Done(Err(failure))));
    ends
}

/// What the frame of a message holds.
fn body(message: &FromRunner) -> Vec<u8> {
    encode(message, usize::MAX).expect("messages of a seed are short").split_off(4)
}

fn bodies() -> Vec<Vec<u8>> {
    let mut all: Vec<_> =
        calls().into_iter().map(|call| body(&FromRunner::Call { id: 1, call })).collect();
    all.push(body(&FromRunner::Ready { missing_layers: vec![conclave_actions::Layer::Landlock] }));
    all.push(body(&FromRunner::Log("line\n".into())));
    all.extend(ends().iter().map(body));
    all
}

fn session(manner: u8, bodies: &[Vec<u8>]) -> Vec<u8> {
    let framed = bodies
        .iter()
        .flat_map(|body| [&(body.len() as u16).to_le_bytes()[..], body.as_slice()].concat());
    std::iter::once(manner << 1 | 1).chain(framed).collect()
}

/// The name of each target and its seeds.
pub fn all() -> [(&'static str, Vec<Vec<u8>>); 2] {
    let bodies = bodies();
    let done = body(&ends()[0]);
    let mut frames: Vec<_> =
        bodies.iter().map(|body| [&[1][..], body.as_slice()].concat()).collect();
    frames.extend(
        bodies.iter().map(|body| {
            [&[0][..], &(body.len() as u32).to_le_bytes()[..], body.as_slice()].concat()
        }),
    );
    let mut sessions = Vec::new();
    for manner in 0..4 {
        sessions.push(session(manner, &bodies));
        for body in &bodies {
            sessions
                .push(session(manner, &[body.clone(), body.clone(), body.clone(), done.clone()]));
        }
    }
    // The same without help in cutting it.
    let raw = bodies
        .iter()
        .flat_map(|body| [&(body.len() as u32).to_le_bytes()[..], body.as_slice()].concat());
    sessions.push(std::iter::once(0).chain(raw).collect());
    [("worker_frames", frames), ("worker_sessions", sessions)]
}
