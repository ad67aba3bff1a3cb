//! `fetch`, as scripts see it. What it may reach is tested beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conclave_actions::{Limit, Limits, RunError, RunErrorKind};
use serde_json::{Value, json};

use crate::support::*;

async fn fetching(port: u16, code: &str) -> Result<String, RunError> {
    let action = with_params(code, json!({"base": format!("http://127.0.0.1:{port}")}));
    Ok(run_on(allowing(port), action, Arc::new(Signer::default())).await?.response)
}

#[tokio::test]
async fn reads_status_headers_and_body() {
    let port = server(|_| {
        b"HTTP/1.1 404 Not Found\r\nX-One: 1\r\nx-two: 2\r\nX-One: 3\r\ncontent-length: 9\r\n\r\n{\"a\":[1]}".to_vec()
    })
    .await;
    let code = "
        const response = await fetch(base + '/path?q')
        const {ok, status, statusText, url, redirected, headers} = response
        const json = await response.clone().json()
        const bytes = Array.from(new Uint8Array(await response.clone().arrayBuffer()))
        const text = await response.text()
        const again = await response.text().catch((error) => error.name)
        Lit.Actions.setResponse({response: JSON.stringify([
            ok, status, statusText, url.endsWith('/path?q'), redirected, headers.get('x-one'), headers.has('X-TWO'),
            headers.get('none'), json, bytes.length, text, again, response.bodyUsed, response instanceof Response])})";
    let expected = json!([false, 404, "Not Found", true, false, "1, 3", true, null, {"a": [1]}, 9, "{\"a\":[1]}", "TypeError", true, true]);
    assert_eq!(fetching(port, code).await.unwrap().parse::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn sends_method_headers_and_body() {
    let port = server(|request| ok(&serde_json::to_string(request).unwrap())).await;
    let code = "
        const body = JSON.stringify({a: '\u{e9}'})
        const sent = [
            await fetch(new URL(base), {method: 'post', headers: {'Content-Type': 'application/json', Host: 'evil', 'content-length': '1'}, body}),
            await fetch({url: base, method: 'PUT', headers: [['x-a', '1']], body: new Uint8Array([65, 66])}),
            await fetch(base, {method: 'DELETE', headers: new Headers({'X-B': '2'}), body: new URLSearchParams({c: 'd e'})}),
        ]
        Lit.Actions.setResponse({response: JSON.stringify(await Promise.all(sent.map((response) => response.json())))})";
    let requests: [String; 3] = serde_json::from_str(&fetching(port, code).await.unwrap()).unwrap();
    assert!(
        requests[0].starts_with("POST / HTTP/1.1\r\n")
            && requests[0].ends_with("\r\n\r\n{\"a\":\"\u{e9}\"}"),
        "{}",
        requests[0]
    );
    assert!(requests[0].contains("content-type: application/json\r\n"));
    assert!(
        requests[0].contains(&format!("host: 127.0.0.1:{port}\r\n"))
            && !requests[0].contains("evil")
    );
    assert!(
        requests[1].contains("x-a: 1\r\n") && requests[1].ends_with("\r\n\r\nAB"),
        "{}",
        requests[1]
    );
    assert!(
        requests[2].contains("x-www-form-urlencoded") && requests[2].ends_with("c=d+e"),
        "{}",
        requests[2]
    );
}

#[tokio::test]
async fn lets_ethers_reach_a_chain() {
    let port = server(|request| {
        let body: Value = request.split("\r\n\r\n").nth(1).unwrap().parse().unwrap();
        let result = if body["method"] == "eth_chainId" { "0x7a69" } else { "0x2a" };
        ok(&json!({"jsonrpc": "2.0", "id": body["id"], "result": result}).to_string())
    })
    .await;
    let code = "
        const provider = new ethers.providers.JsonRpcProvider(base)
        Lit.Actions.setResponse({response: `${await provider.getBlockNumber()} ${(await provider.getNetwork()).chainId}`})";
    assert_eq!(fetching(port, code).await.unwrap(), "42 31337");
}

#[tokio::test]
async fn runs_fetches_side_by_side() {
    // Each answer waits for the other request: one after the other, none would come.
    let barrier = Arc::new(std::sync::Barrier::new(2));
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for connection in listener.incoming().take(2) {
                let barrier = barrier.clone();
                std::thread::spawn(move || {
                    use std::io::{Read, Write};
                    let mut connection = connection.unwrap();
                    let _ = connection.read(&mut [0; 4096]);
                    barrier.wait();
                    let _ = connection.write_all(&ok("1"));
                });
            }
        });
        port
    };
    let code = "
        const responses = await Promise.all([fetch(base), fetch(base)])
        Lit.Actions.setResponse({response: responses.map(({status}) => status).join()})";
    assert_eq!(fetching(port, code).await.unwrap(), "200,200");
}

#[tokio::test]
async fn gives_up_when_its_signal_says_so() {
    // Nobody takes the connection: the answer never comes.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for (signal, expected) in [
        ("AbortSignal.timeout(20)", "TimeoutError"),
        ("AbortSignal.abort()", "AbortError"),
        (
            "(() => { const controller = new AbortController(); setTimeout(() => controller.abort(), 20); return controller.signal })()",
            "AbortError",
        ),
        ("AbortSignal.abort({name: 'mine'})", "mine"),
    ] {
        let code = format!(
            "try {{ await fetch(base, {{signal: {signal}}}) }} catch (error) {{ Lit.Actions.setResponse({{response: error.name}}) }}"
        );
        assert_eq!(fetching(port, &code).await.unwrap(), expected, "{signal}");
    }
}

#[tokio::test]
async fn follows_redirects_unless_they_are_an_error() {
    let port = server(|request| match request.starts_with("GET /to") {
        true => ok("there"),
        false => {
            b"HTTP/1.1 302 Found\r\nlocation: /to\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                .to_vec()
        }
    })
    .await;
    let code = "
        const response = await fetch(new Request(base), {redirect: 'follow'})
        const refused = await fetch(base, {redirect: 'error'}).catch((error) => error.name)
        const direct = await fetch(base + '/to', {redirect: 'error'})
        Lit.Actions.setResponse({response: JSON.stringify([response.redirected, response.url.endsWith('/to'), refused, await direct.text()])})";
    assert_eq!(
        fetching(port, code).await.unwrap().parse::<Value>().unwrap(),
        json!([true, true, "TypeError", "there"])
    );
}

#[tokio::test]
async fn sends_nothing_to_where_a_redirect_leads_that_is_an_error() {
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = asked.clone();
    let port = server(move |_| {
        seen.fetch_add(1, Ordering::Relaxed);
        b"HTTP/1.1 302 Found\r\nlocation: /to\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .to_vec()
    })
    .await;
    let code = "
        const refused = await fetch(base, {redirect: 'error'}).catch((error) => `${error.name}: ${error.message}`)
        Lit.Actions.setResponse({response: refused})";
    assert_eq!(fetching(port, code).await.unwrap(), "TypeError: the server redirected the request");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn large_requests_at_once_all_come_back() {
    // Neither side may wait for the other to read.
    let port = server(|_| ok(&"x".repeat(1 << 20))).await;
    let code = "
        const send = () => fetch(base, {method: 'POST', body: 'y'.repeat(1 << 19)}).then((response) => response.text())
        const answers = await Promise.all(Array.from({length: 20}, send))
        Lit.Actions.setResponse({response: `${answers.length} ${new Set(answers.map(({length}) => length)).size}`})";
    assert_eq!(fetching(port, code).await.unwrap(), "20 1");
}

#[tokio::test]
async fn keeps_a_list_of_what_was_fetched() {
    let port = server(|_| ok("1")).await;
    let code = "
        const before = Date.now()
        await fetch(base); await fetch(new URL('/b', base)); await fetch('nonsense').catch(() => {})
        const list = litInternalFetchDebugLog.map(({timestamp, url, fetchCount}) => [timestamp >= before, url.replace(base, ''), fetchCount])
        Lit.Actions.setResponse({response: JSON.stringify(list)})";
    assert_eq!(
        fetching(port, code).await.unwrap().parse::<Value>().unwrap(),
        json!([[true, "/", 1], [true, "/b", 2]])
    );
}

#[tokio::test]
async fn throws_a_type_error_that_a_script_can_catch() {
    for url in [
        "'http://127.0.0.1:1/'",
        "'file:///etc/passwd'",
        "'nonsense'",
        "undefined",
        "'http://169.254.169.254/'",
    ] {
        let code = format!(
            "try {{ await fetch({url}) }} catch (error) {{ Lit.Actions.setResponse({{response: error.name}}) }}"
        );
        assert_eq!(response(&code).await, "TypeError", "{url}");
    }
    let thrown = message(failure("await fetch('http://10.0.0.1/')").await);
    assert_eq!(thrown, "TypeError: fetch may not reach 10.0.0.1: its address is not public");
}

#[tokio::test]
async fn allows_as_many_fetches_as_the_limit_says_and_no_more() {
    let port = server(|_| ok("1")).await;
    let code = "
        for (let count = 0; count < times; count++) await fetch(base)
        Lit.Actions.setResponse({response: 'done'})";
    let limited = |times: u32| async move {
        let mut action =
            with_params(code, json!({"base": format!("http://127.0.0.1:{port}"), "times": times}));
        action.limits = Limits { fetches: 3, ..Limits::default() };
        run_on(allowing(port), action, Arc::new(Signer::default())).await
    };
    assert_eq!(limited(3).await.unwrap().response, "done");
    let error = limited(4).await.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Limit { limit: Limit::Fetches, max: 3 });
}

#[tokio::test]
async fn a_limit_is_caught_with_its_code_and_no_type_error() {
    let code = "
        try { await fetch('http://127.0.0.1:1/') } catch (error) {
            const {name, message, code, retryable} = error
            Lit.Actions.setResponse({response: JSON.stringify([name, message, code, retryable])})
        }";
    let limits = Limits { fetches: 0, ..Limits::default() };
    let caught: Value = run(with_limits(code, limits)).await.unwrap().response.parse().unwrap();
    assert_eq!(caught, json!(["Error", Limit::Fetches.message(0), "LimitExceeded", false]));
}
