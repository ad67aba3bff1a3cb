//! Every limit, at its value and one past it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conclave_actions::{
    Action, CODE_BYTES_MAX, Limit, Limits, PARAMETER_BYTES_MAX, Pool, PoolConfig, RunErrorKind,
};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::support::*;

fn past(limit: Limit, max: u64) -> RunErrorKind {
    RunErrorKind::Limit { limit, max }
}

#[tokio::test]
async fn signs_as_often_as_the_limit_says_and_no_more() {
    let code = "
        for (let count = 0; count < times; count++) {
            const names = {publicKey: '04', sigName: `s${count}`}
            if (count % 2) await Lit.Actions.signEcdsa({toSign: new Uint8Array(32), ...names})
            else await Lit.Actions.ethPersonalSignMessageEcdsa({message: 'm', ...names})
        }
        Lit.Actions.setResponse({response: 'done'})";
    for (times, expected) in [(3, Ok("done".to_owned())), (4, Err(past(Limit::Signatures, 3)))] {
        let signer = Arc::new(Signer::default());
        let mut action = with_params(code, json!({"times": times}));
        action.limits = Limits { signatures: 3, ..Limits::default() };
        let result = run_for(action, signer.clone()).await;
        assert_eq!(result.map(|outcome| outcome.response).map_err(|error| error.kind), expected);
        assert_eq!(signer.signed.lock().unwrap().len(), 3);
    }
}

/// Actions do as much as they may unless a limit is set, and are told in these words that they may
/// not do more.
#[tokio::test]
async fn what_existing_actions_expect_of_the_limits_holds_on_both_sides_of_each() {
    let server = server(|_| ok("{}")).await;
    let pool = Pool::start(allowing(server)).await.unwrap();
    let mut signer = Signer::default();
    signer.actions.insert("QmChild", "1".to_owned());
    let down =
        "if (depth > 1) await Lit.Actions.call({ipfsId: 'QmDeeper', params: {depth: depth - 1}})"
            .to_owned();
    signer.actions.insert("QmDeeper", down);
    let signer = Arc::new(signer);
    for (call, most, text) in [
        (
            "Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: '04', sigName: `s${count}`})",
            10,
            "You may not sign more than 10 times per session and you have attempted to exceed that limit.",
        ),
        (
            "fetch(base)",
            50,
            "You may not send more than 50 HTTP requests per session and you have attempted to exceed that limit.",
        ),
        (
            "Lit.Actions.getLatestNonce({chain: 'c', address: '0x1'})",
            30,
            "You may not invoke contract calls more than 30 times per session and you have attempted to exceed that limit.",
        ),
        (
            "Lit.Actions.broadcastAndCollect({name: 'n', value: 'v'})",
            30,
            "You may not use broadcast and collect functionality more than 30 times per session and you have attempted to exceed \
             that limit.",
        ),
        (
            "Lit.Actions.call({ipfsId: 'QmChild'})",
            20,
            "You may not call more than 20 child actions per session and you have attempted to exceed that limit.",
        ),
        (
            // One call that goes down so far, at the last count.
            "count < times - 1 || Lit.Actions.call({ipfsId: 'QmDeeper', params: {depth: times}})",
            5,
            "The recursion limit of a child action is 5 and you have attempted to exceed that limit.",
        ),
    ] {
        let code = format!("for (let count = 0; count < times; count++) await ({call})");
        for (times, expected) in [(most, Ok(())), (most + 1, Err(text.to_owned()))] {
            let action = with_params(
                &code,
                json!({"times": times, "base": format!("http://127.0.0.1:{server}")}),
            );
            let result = pool.run(action, signer.clone()).await;
            assert_eq!(
                result.map(|_| ()).map_err(|error| error.kind.to_string()),
                expected,
                "{call}, {times} times"
            );
        }
    }
    let wait = |seconds: u32| {
        pool.run(action(&format!("setTimeout(() => {{}}, {seconds}000)")), signer.clone())
    };
    let (shorter, longer) = tokio::join!(wait(29), wait(31));
    shorter.unwrap();
    let text = "Your function exceeded the maximum runtime of 30000ms and was terminated.";
    assert_eq!(longer.unwrap_err().kind.to_string(), text);
    pool.shutdown().await;
}

#[tokio::test]
async fn counts_signatures_also_when_the_script_catches_the_refusals() {
    let code = "
        const sign = () => Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: '04', sigName: 's'}).catch(() => {})
        await Promise.all(Array.from({length: 40}, sign))";
    let signer = Arc::new(Signer::default());
    run_for(action(code), signer.clone()).await.unwrap();
    assert_eq!(signer.signed.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn ends_a_script_that_calls_without_end() {
    let code = "
        while (true) await Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: '04', sigName: 's'}).catch(() => {})";
    assert_eq!(failure(code).await, past(Limit::Calls, 1000));
}

#[tokio::test]
async fn takes_a_response_of_the_greatest_length_and_none_longer() {
    for unit in ["x", "\u{1f511}"] {
        let code = |more: &str| {
            format!(
                "Lit.Actions.setResponse({{response: '{unit}'.repeat({}) + '{more}'}})",
                64 / unit.len()
            )
        };
        let limits = Limits { response_bytes: 64, ..Limits::default() };
        assert_eq!(run(with_limits(&code(""), limits.clone())).await.unwrap().response.len(), 64);
        let error = run(with_limits(&code("y"), limits)).await.unwrap_err();
        assert_eq!(error.kind, past(Limit::ResponseBytes, 64));
    }
}

#[tokio::test]
async fn takes_logs_of_the_greatest_length_and_none_longer() {
    let limits = Limits { log_bytes: 64, ..Limits::default() };
    let code = |length: usize| {
        format!("console.log('{}'); console.log('{}')", "a".repeat(31), "b".repeat(length))
    };
    assert_eq!(run(with_limits(&code(31), limits.clone())).await.unwrap().logs.len(), 64);
    let error = run(with_limits(&code(32), limits)).await.unwrap_err();
    assert_eq!(error.kind, past(Limit::LogBytes, 64));
    assert_eq!(error.logs, "a".repeat(31) + "\n", "what came before is kept");
}

#[tokio::test]
async fn holds_every_text_to_what_a_frame_carries() {
    let limits = Limits { response_bytes: u32::MAX, log_bytes: u32::MAX, ..Limits::default() };
    let code = "console.log('x'.repeat(3 << 20))";
    assert_eq!(
        run(with_limits(code, limits.clone())).await.unwrap_err().kind,
        past(Limit::LogBytes, 1 << 20)
    );
    let code = "Lit.Actions.setResponse({response: 'x'.repeat(3 << 20)})";
    assert_eq!(
        run(with_limits(code, limits)).await.unwrap_err().kind,
        past(Limit::ResponseBytes, 1 << 20)
    );
}

#[tokio::test]
async fn takes_code_and_parameters_of_the_greatest_length_and_none_longer() {
    let mut code = "1//".to_owned();
    code.push_str(&" ".repeat(CODE_BYTES_MAX - code.len()));
    let around = "{\"a\":\"\"}".len();
    let mut text = "x".repeat(PARAMETER_BYTES_MAX - around);
    let largest = Action { code: code.clone(), ..with_params("", json!({"a": text})) };
    run(largest).await.unwrap();

    code.push(' ');
    let told = "Code payload is too large (16777217 bytes). Max length is 16777216 bytes.";
    assert_eq!(failure(&code).await.to_string(), told);
    text.push('x');
    let error = run(with_params("1", json!({"a": text}))).await.unwrap_err();
    assert_eq!(error.kind, past(Limit::ParameterBytes, PARAMETER_BYTES_MAX as u64));
}

#[tokio::test]
async fn refuses_names_and_messages_to_sign_that_are_too_long() {
    let code = |name: usize, message: usize| {
        format!(
            "await Lit.Actions.ethPersonalSignMessageEcdsa({{message: 'm'.repeat({message}), publicKey: '04', sigName: 's'.repeat({name})}})"
        )
    };
    run(action(&code(256, 1 << 20))).await.unwrap();
    assert!(message(failure(&code(257, 1)).await).contains("sigName has at most 256 bytes"));
    assert!(message(failure(&code(1, (1 << 20) + 1)).await).contains("at most 1048576 bytes"));
    // Longer than any frame.
    assert!(message(failure(&code(1, 8 << 20)).await).contains("at most 1048576 bytes"));
    assert!(message(failure(&code(8 << 20, 1)).await).contains("sigName has at most 256 bytes"));
}

#[tokio::test]
async fn ends_a_script_at_its_deadline_whatever_it_waits_for() {
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    let timeout = RunErrorKind::Timeout { limit: limits.time };
    for code in [
        "setTimeout(() => {}, 60000)",
        "setInterval(() => {}, 10)",
        "await Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: 'never', sigName: 's'})",
    ] {
        let error = run(with_limits(code, limits.clone())).await.unwrap_err();
        assert_eq!(error.kind, timeout, "{code}");
    }
    assert_eq!(
        timeout.to_string(),
        "Your function exceeded the maximum runtime of 100ms and was terminated."
    );
}

#[tokio::test]
async fn lets_a_script_have_its_memory_and_no_more() {
    let limits = Limits { memory_bytes: 64 << 20, ..Limits::default() };
    // The globals take some of it.
    let code = |mebibytes: u32| {
        format!(
            "const bytes = new Uint8Array({mebibytes} << 20).fill(1); console.log(bytes.length)"
        )
    };
    run(with_limits(&code(56), limits.clone())).await.unwrap();
    let error = run(with_limits(&code(64), limits.clone())).await.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Memory { limit_bytes: limits.memory_bytes });
    // The pool's own limit holds for actions that ask for more.
    let config = PoolConfig { memory_bytes_max: limits.memory_bytes, ..config() };
    let greedy = with_limits(&code(64), Limits { memory_bytes: u64::MAX, ..limits });
    let error = run_on(config, greedy, Arc::new(Signer::default())).await.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Memory { limit_bytes: 64 << 20 });
}

#[tokio::test]
async fn sends_six_requests_of_an_action_at_a_time_and_no_more() {
    const AT_A_TIME: usize = 6;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let (open, most) = (open.clone(), most.clone());
            most.fetch_max(open.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::spawn(async move {
                while most.load(Ordering::Relaxed) < AT_A_TIME {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                // Time for one too many to come.
                tokio::time::sleep(Duration::from_millis(100)).await;
                open.fetch_sub(1, Ordering::Relaxed);
                let _ = connection.write_all(&ok("{}")).await;
            });
        }
    });
    let code = "await Promise.all(Array.from({length: 20}, () => fetch(base)))";
    let action = with_params(code, json!({"base": format!("http://127.0.0.1:{port}")}));
    run_on(allowing(port), action, Arc::new(Signer::default())).await.unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), AT_A_TIME);
}

#[tokio::test]
async fn gives_up_a_runner_that_never_says_anything() {
    // It sleeps for as many seconds as its address space would have bytes.
    let error =
        Pool::start(PoolConfig { runner: "/bin/sleep".into(), ..config() }).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the action runner /bin/sleep does not start: it does not answer"
    );
}

#[tokio::test]
async fn refuses_requests_beyond_those_that_run_or_wait() {
    let pool = Pool::start(PoolConfig { parallel: 1, waiting: 1, ..config() }).await.unwrap();
    let host = Arc::new(Signer::default());
    let slow = with_limits(
        "setTimeout(() => {}, 60000)",
        Limits { time: Duration::from_secs(1), ..Limits::default() },
    );
    let (first, second, third) = tokio::join!(
        pool.run(slow.clone(), host.clone()),
        pool.run(action("1"), host.clone()),
        pool.run(action("1"), host.clone()),
    );
    assert!(matches!(first.unwrap_err().kind, RunErrorKind::Timeout { .. }));
    second.expect("it waited");
    assert_eq!(third.unwrap_err().kind, RunErrorKind::Busy);
    pool.run(action("1"), host).await.expect("and there is room again");
    pool.shutdown().await;
}

#[tokio::test]
async fn a_request_waits_for_a_place_as_long_as_for_a_worker_and_no_longer() {
    let pool = Pool::start(PoolConfig {
        parallel: 1,
        worker_wait: Duration::from_millis(500),
        ..config()
    })
    .await
    .unwrap();
    let host = Arc::new(Signer::default());
    for (millis, is_busy) in [(50, false), (3_000, true)] {
        let slow = action(&format!("setTimeout(() => {{}}, {millis})"));
        let (first, second) =
            tokio::join!(pool.run(slow, host.clone()), pool.run(action("1"), host.clone()));
        first.unwrap();
        assert_eq!(
            second.err().map(|error| error.kind),
            is_busy.then_some(RunErrorKind::Busy),
            "{millis} ms"
        );
    }
    pool.shutdown().await;
}
