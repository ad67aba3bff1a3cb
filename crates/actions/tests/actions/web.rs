//! What scripts find besides Lit: console, timers, text, URLs, random bytes.

use serde_json::json;

use crate::support::*;

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
