//! What scripts find besides Lit: console, timers, text, URLs, random bytes.

use serde_json::{Value, json};

use crate::support::*;

async fn value(expression: &str) -> Value {
    let code = format!("Lit.Actions.setResponse({{response: JSON.stringify({expression})}})");
    response(&code).await.parse().unwrap()
}

#[tokio::test]
async fn logs_each_call_as_a_line() {
    let code = "
        console.log('a', 1, null, undefined, true, 5n, [1, {b: 'c'}], new Map([['k', 1]]), new Uint8Array(2), () => 1)
        console.error('e'); console.warn(); console.info('\\n'); console.assert(false, 'x'); console.assert(true, 'y')
        console.log('\\ud800')
        console.log(new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }}))
        const cycle = {}; cycle.self = cycle; console.log(cycle)";
    let outcome = run(action(code)).await.unwrap();
    let expected = "a 1 null undefined true 5n [1,{\"b\":\"c\"}] {\"k\":1} [0,0] [Function: (anonymous)]\n\
        e\n\n\n\nAssertion failed: x\n\u{fffd}\n[object]\n[object]\n";
    assert_eq!(outcome.logs, expected);
}

#[tokio::test]
async fn logs_errors_with_their_stack() {
    let logs = run(action("console.log(new TypeError('t'))")).await.unwrap().logs;
    assert!(logs.starts_with("TypeError: t\n") && logs.contains("action.js:1"), "{logs}");
}

#[tokio::test]
async fn fires_timers_in_the_order_of_their_time() {
    let code = "
        const seen = []
        setTimeout((x) => seen.push(x), 20, 'c')
        setTimeout(() => seen.push('b'), 10)
        setTimeout(() => seen.push('a'))
        clearTimeout(setTimeout(() => seen.push('never'), 1))
        clearTimeout(undefined)
        let ticks = 0
        const interval = setInterval(() => { if (++ticks === 3) clearInterval(interval) }, 1)
        setTimeout(() => Lit.Actions.setResponse({response: seen.join('') + ticks}), 60)";
    assert_eq!(response(code).await, "abc3");
}

#[tokio::test]
async fn encodes_and_decodes_text() {
    assert_eq!(value("Array.from(new TextEncoder().encode('\u{e9}\\ud800'))").await, json!([0xc3, 0xa9, 0xef, 0xbf, 0xbd]));
    assert_eq!(value("new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0xff))").await, "\u{e9}\u{fffd}");
    assert_eq!(
        value("new TextDecoder('utf8', {ignoreBOM: true}).decode(Uint8Array.of(0xef, 0xbb, 0xbf).buffer).length").await,
        1
    );
    let fatal = "new TextDecoder('utf-8', {fatal: true}).decode(Uint8Array.of(0xff))";
    assert!(message(failure(fatal).await).contains("not utf-8"));
    assert_eq!(value("[btoa('hi'), atob('aGk=')]").await, json!(["aGk=", "hi"]));
}

#[tokio::test]
async fn reads_urls() {
    let parts = value("(({href, host, port, pathname, search, hash, origin}) => [href, host, port, pathname, search, hash, origin])(new URL('../b?q=1#h', 'HTTPS://Example.com:8443/a/c/'))").await;
    let expected =
        ["https://example.com:8443/a/b?q=1#h", "example.com:8443", "8443", "/a/b", "?q=1", "#h", "https://example.com:8443"];
    assert_eq!(parts, json!(expected));
    assert_eq!(value("(() => { const u = new URL('https://x/?a=1'); u.searchParams.append('b', '\u{e9} &'); u.searchParams.set('a', 2); return `${u}` })()").await, "https://x/?a=2&b=%C3%A9+%26");
    assert_eq!(
        value("[URL.canParse('nope'), URL.canParse('/x', 'http://y'), new URLSearchParams({a: 1, b: 'c d'}).toString()]").await,
        json!([false, true, "a=1&b=c+d"])
    );
    assert!(message(failure("new URL('nope')").await).contains("Invalid URL"));
}

#[tokio::test]
async fn gives_random_bytes_up_to_the_standards_limit() {
    assert_eq!(value("[new Uint8Array(65536), new Uint32Array(4)].map((array) => crypto.getRandomValues(array).some((number) => number > 0))").await, json!([true, true]));
    assert!(message(failure("crypto.getRandomValues(new Uint8Array(65537))").await).contains("at most 65536"));
}

#[tokio::test]
async fn offers_nothing_of_a_system() {
    let names = ["require", "process", "Deno", "std", "os", "Worker", "WebAssembly", "navigator", "document"];
    let expression = format!("[{}]", names.map(|name| format!("typeof {name}")).join(","));
    assert_eq!(value(&expression).await, json!(vec!["undefined"; 9]));
    assert!(message(failure("await import('fs')").await).len() > 5);
}
