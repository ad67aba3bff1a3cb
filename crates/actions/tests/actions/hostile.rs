//! Scripts that mean harm. None outlives its deadline, and the pool serves the next request.

use std::sync::Arc;
use std::time::Duration;

use conclave_actions::{Limit, Limits, Pool, RunErrorKind};

use crate::support::*;

/// Runs all on one pool, each followed by an honest request.
async fn expect(scripts: &[&str], limits: Limits, is_expected: impl Fn(&RunErrorKind) -> bool) {
    let pool = Pool::start(config()).await.unwrap();
    let host = Arc::new(Signer::default());
    for script in scripts {
        let error = pool.run(with_limits(script, limits.clone()), host.clone()).await.expect_err(script);
        assert!(is_expected(&error.kind), "{script}: {:?}", error.kind);
        let honest = "Lit.Actions.setResponse({response: 'fine'})";
        assert_eq!(pool.run(action(honest), host.clone()).await.unwrap().response, "fine", "after {script}");
    }
    pool.shutdown().await;
}

fn short() -> Limits {
    Limits { time: Duration::from_millis(300), ..Limits::default() }
}

fn small() -> Limits {
    Limits { memory_bytes: 32 << 20, time: Duration::from_secs(20), ..Limits::default() }
}

#[tokio::test]
async fn loops_are_killed_at_the_deadline() {
    let scripts = [
        "while (true) {}",
        "for (;;) { try { throw 1 } catch {} finally { continue } }",
        "const f = () => Promise.resolve().then(f); f()",
        "(async () => { while (true) await null })()",
        "const again = () => queueMicrotask(again); again()",
        "const then = {then(resolve) { resolve(then) }}; await then",
        "const again = () => setTimeout(again); again()",
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "throw {get message() { while (true) {} }, toString() { while (true) {} }, toJSON() { while (true) {} }}",
        "const error = new Error(); Object.defineProperty(error, 'message', {get() { while (true) {} }}); throw error",
        "console.log({toJSON() { while (true) {} }})",
    ];
    expect(&scripts, short(), |kind| matches!(kind, RunErrorKind::Timeout { .. })).await;
}

#[tokio::test]
async fn native_loops_that_never_look_up_are_killed_at_the_deadline() {
    let scripts = [
        "Array(2 ** 32 - 1).join()",
        "Array.prototype.join.call({length: 2 ** 32})",
        "Array.prototype.includes.call({length: 2 ** 40}, 1)",
        "(2n ** 1000000n).toString() + (2n ** 1000000n).toString() + (2n ** 1000000n).toString()",
        "'a'.repeat(1 << 22).indexOf('a'.repeat(1 << 21) + 'b')",
    ];
    expect(&scripts, short(), |kind| matches!(kind, RunErrorKind::Timeout { .. })).await;
}

#[tokio::test]
async fn memory_bombs_end_by_their_limit() {
    let scripts = [
        "const all = []; while (true) all.push(new Uint8Array(1 << 20))",
        "const all = []; while (true) all.push({})",
        "const map = new Map(); for (let i = 0; ; i++) map.set(i, i)",
        "let text = 'x'; while (true) text += text + Math.random()",
        "new ArrayBuffer(8 * 2 ** 30)",
        "'x'.repeat(2 ** 29).padEnd(2 ** 30 - 1)",
        "new Array(2 ** 28).fill(1)",
        "const all = []; const grow = () => all.push(new Promise(grow)); while (true) grow()",
    ];
    let ended = |kind: &RunErrorKind| match kind {
        RunErrorKind::Memory { limit_bytes } => *limit_bytes == 32 << 20,
        // Lengths that the engine refuses outright.
        RunErrorKind::Thrown { message, .. } => ["invalid", "too long", "stack"].iter().any(|word| message.contains(word)),
        _ => false,
    };
    expect(&scripts, small(), ended).await;
}

#[tokio::test]
async fn memory_that_is_caught_and_asked_for_again_stays_within_its_limit() {
    let code = "
        const all = []
        let caught = 0
        while (caught < 50) { try { while (true) all.push(new Uint8Array(1 << 20)) } catch { caught++ } }
        all.length = 0
        Lit.Actions.setResponse({response: 'alive'})";
    assert_eq!(run(with_limits(code, small())).await.unwrap().response, "alive");
}

#[tokio::test]
async fn deep_recursion_throws() {
    let scripts = [
        "(function f() { f() })()",
        "const o = {get x() { return this.x }}; o.x",
        "const o = {toString() { return `${this}` }}; `${o}`",
        "let p = {}; p = new Proxy(p, {get(_, name) { return p[name] }}); p.x",
        "JSON.parse('['.repeat(1e6))",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity); JSON.stringify(a)",
        "eval('('.repeat(1e6))",
        "new RegExp('('.repeat(1e5))",
    ];
    let ended = |kind: &RunErrorKind| matches!(kind, RunErrorKind::Thrown { .. } | RunErrorKind::Memory { .. });
    expect(&scripts, small(), ended).await;
}

#[tokio::test]
async fn floods_of_output_end_by_their_limit() {
    let scripts = ["while (true) console.log('flood')", "while (true) console.log()", "console.log('x'.repeat(1e7))"];
    let ended = |kind: &RunErrorKind| *kind == RunErrorKind::Limit { limit: Limit::LogBytes, max: 100 << 10 };
    expect(&scripts, Limits::default(), ended).await;
}

#[tokio::test]
async fn a_flood_of_responses_keeps_the_last() {
    let code = "for (let i = 0; i <= 20000; i++) Lit.Actions.setResponse({response: `${i}`})";
    assert_eq!(response(code).await, "20000");
}

#[tokio::test]
async fn a_script_that_breaks_the_globals_harms_only_itself() {
    let scripts = [
        "Array.prototype.map = () => { throw 1 }; Map.prototype.get = null; console.log(1); throw 2",
        "Promise.prototype.then = null; Error.prototype.toString = null; throw new Error('x')",
        "for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name] } catch {}; throw 1",
        "Object.prototype.get = Object.prototype.set = () => { throw 1 }; Object.freeze(Object.prototype); throw 1",
        "String.prototype.toWellFormed = () => ({}); console.log('x'); Lit.Actions.setResponse({response: 'x'}); throw 1",
        "Object.prototype.then = function (resolve) { resolve('hijacked') }; throw 1",
    ];
    expect(&scripts, short(), |kind| matches!(kind, RunErrorKind::Thrown { .. } | RunErrorKind::Timeout { .. })).await;
}
