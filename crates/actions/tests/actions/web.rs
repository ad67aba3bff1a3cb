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
async fn fills_in_formats() {
    let code = "
        console.log('%s is %d of %i (%f) %j %o%c!', 'a', '4', '5.9', '1.5', {b: 1}, [1], 'color: red', 'rest')
        console.log('100%', 'a %s'); console.log('%s'); console.log('%%s', 1); console.log(1, '%s', 2); console.log('%d', 1n, undefined); console.log('%d %i', Symbol('s'), {valueOf() { throw 1 }, toString() { throw 2 }})";
    let expected = "a is 4 of 5 (1.5) {\"b\":1} [1]! rest\n100% a %s\n%s\n%s 1\n1 %s 2\n1 undefined\nNaN NaN\n";
    assert_eq!(run(action(code)).await.unwrap().logs, expected);
}

#[tokio::test]
async fn logs_groups_tables_and_counts() {
    let code = "
        console.group('g'); console.log('one\\ntwo'); console.group(); console.count(); console.count('x'); console.count()
        console.groupEnd(); console.groupEnd(); console.groupEnd(); console.countReset(); console.count(); console.dir({a: 1})
        console.table([{a: 1, b: 2}, {a: 3}], ['a']); console.table({r: [1]}); console.table(5)
        console.time(); console.timeLog(); console.timeEnd()";
    let logs = run(action(code)).await.unwrap().logs;
    let lines: Vec<_> = logs.lines().collect();
    let expected = [
        "g",
        "  one",
        "  two",
        "    default: 1",
        "    x: 1",
        "    default: 2",
        "default: 1",
        "{\"a\":1}",
        "0: {\"a\":1}",
        "1: {\"a\":3}",
        "r: [1]",
        "5",
    ];
    assert_eq!(lines[..12], expected);
    assert!(
        lines.len() == 14
            && lines[12..].iter().all(|line| line.starts_with("default: ") && line.ends_with("ms")),
        "{logs}"
    );
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
    assert_eq!(
        value("Array.from(new TextEncoder().encode('\u{e9}\\ud800'))").await,
        json!([0xc3, 0xa9, 0xef, 0xbf, 0xbd])
    );
    assert_eq!(
        value("new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0xff))").await,
        "\u{e9}\u{fffd}"
    );
    assert_eq!(
        value("new TextDecoder('utf8', {ignoreBOM: true}).decode(Uint8Array.of(0xef, 0xbb, 0xbf).buffer).length").await,
        1
    );
    let fatal = "new TextDecoder('utf-8', {fatal: true}).decode(Uint8Array.of(0xff))";
    assert!(message(failure(fatal).await).contains("not utf-8"));
    assert!(message(failure("new TextDecoder('utf-16le')").await).contains("offers utf-8"));
    assert_eq!(value("[btoa('hi'), atob('aGk=')]").await, json!(["aGk=", "hi"]));
}

#[tokio::test]
async fn decodes_text_that_comes_in_pieces() {
    // Every way to cut a text in two; a piece that ends within a character waits for the rest.
    let code = "(() => {
        const bytes = new TextEncoder().encode('\\ufeffa\u{e9}\u{20ac}\u{1f511}z')
        return Array.from({length: bytes.length + 1}, (_, cut) => {
            const decoder = new TextDecoder()
            return decoder.decode(bytes.subarray(0, cut), {stream: true}) + decoder.decode(bytes.subarray(cut))
        })
    })()";
    assert_eq!(value(code).await, json!(vec!["a\u{e9}\u{20ac}\u{1f511}z"; 15]));
    let rest = "(() => { const decoder = new TextDecoder(); return [decoder.decode(Uint8Array.of(0xe2, 0x82), {stream: true}), decoder.decode(), decoder.decode(Uint8Array.of(65))] })()";
    assert_eq!(value(rest).await, json!(["", "\u{fffd}", "A"]));
}

#[tokio::test]
async fn encodes_as_much_text_as_there_is_room_for() {
    let code = "[0, 1, 2, 3, 5, 6, 9, 10].map((room) => {
        const bytes = new Uint8Array(room), {read, written} = new TextEncoder().encodeInto('a\u{e9}\u{20ac}\u{1f511}', bytes)
        return [read, written, new TextDecoder().decode(bytes.subarray(0, written))]
    })";
    let expected = json!([
        [0, 0, ""],
        [1, 1, "a"],
        [1, 1, "a"],
        [2, 3, "a\u{e9}"],
        [2, 3, "a\u{e9}"],
        [3, 6, "a\u{e9}\u{20ac}"],
        [3, 6, "a\u{e9}\u{20ac}"],
        [5, 10, "a\u{e9}\u{20ac}\u{1f511}"]
    ]);
    assert_eq!(value(code).await, expected);
}

#[tokio::test]
async fn the_clock_of_an_action_begins_with_it() {
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let code = "
        const now = performance.now()
        const isNear = Math.abs(performance.timeOrigin + now - Date.now()) < 1000
        LitActions.setResponse({response: String(now >= 0 && now < 40 && performance.now() >= now && isNear)})
    ";
    assert_eq!(response(code).await, "true");
}
