//! How scripts end, well or not.

use conclave_actions::RunErrorKind;
use conclave_actions::protocol::ERROR_MESSAGE_BYTES_MAX;

use crate::support::*;

#[tokio::test]
async fn waits_for_what_was_not_awaited() {
    let code = "
        const go = async () => {
            await new Promise((resolve) => setTimeout(resolve, 5))
            await Lit.Actions.signEcdsa({toSign: new Uint8Array(32), publicKey: '04', sigName: 's'})
            await null
            setTimeout((text) => Lit.Actions.setResponse({response: text}), 5, 'done')
        }
        go()";
    assert_eq!(response(code).await, "done");
}

#[tokio::test]
async fn allows_await_at_the_top_level() {
    assert_eq!(
        response(
            "const text = await Promise.resolve('x'); Lit.Actions.setResponse({response: text})"
        )
        .await,
        "x"
    );
}

#[tokio::test]
async fn runs_scripts_as_sloppy_ones() {
    let code = "
        undeclared = 010
        function self_() { return this === globalThis }
        with ({inner: 1}) { undeclared += inner }
        Lit.Actions.setResponse({response: `${undeclared} ${self_()}`})";
    assert_eq!(response(code).await, "9 true");
}

#[tokio::test]
async fn gives_the_top_level_the_global_scope() {
    let code = "
        var declared = 1
        function named() {}
        let own = 2
        const late = await Promise.resolve(this === globalThis)
        Lit.Actions.setResponse({response: [this === globalThis, late, globalThis.declared, typeof globalThis.named, globalThis.own].join()})";
    assert_eq!(response(code).await, "true,true,1,function,");
}

#[tokio::test]
async fn ends_well_when_nothing_will_ever_settle_a_promise() {
    assert_eq!(
        response("Lit.Actions.setResponse({response: 'x'}); await new Promise(() => {})").await,
        "x"
    );
}

#[tokio::test]
async fn reports_what_was_thrown_and_where() {
    let kind = failure("\nconst f = () => {\n  throw new RangeError('too far')\n}\nf()").await;
    assert_eq!(
        kind,
        RunErrorKind::Thrown {
            message: "RangeError: too far".into(),
            line: Some(3),
            column: Some(13)
        },
        "{kind}"
    );
    assert_eq!(kind.to_string(), "Uncaught RangeError: too far (line 3, column 13)");
}

/// The line and column that the error of a script names.
async fn place(code: &str) -> (Option<u32>, Option<u32>) {
    match failure(code).await {
        RunErrorKind::Thrown { line, column, .. } => (line, column),
        other => panic!("{code}: {other:?}"),
    }
}

#[tokio::test]
async fn names_the_innermost_place_of_the_script() {
    for (code, line) in [
        ("await null\nthrow new Error('x')", 2),
        ("\nsetTimeout(() => {\n  throw new Error('x')\n})", 3),
        ("Promise.resolve().then(() => {\n  throw new Error('x') })", 2),
        ("queueMicrotask(() => {\n  throw new Error('x') })", 2),
        ("const f = async () => {\n  await null\n  throw new Error('x')\n}\nf()", 3),
        ("\n;[1].map(() => {\n  null.x()\n})", 3),
        ("\nJSON.parse('{')", 2),
        ("\nethers.utils.getAddress('0x')", 2),
        ("const f = async () => {\n  await null\n  await Lit.Actions.getRpcUrl()\n}\nf()", 3),
        // What the node answers is told of where it was asked.
        ("const f = () => fetch('http://10.0.0.1/')\nawait null\nawait f()", 1),
        ("const f = async () => {\n  await null\n  await fetch('http://10.0.0.1/')\n}\nf()", 3),
        ("new Promise(() => {\n  unknown() })", 2),
        ("class A {\n  get x() {\n    throw new Error('x') } }\nnew A().x", 3),
        (
            "const target = new EventTarget()\ntarget.addEventListener('e', () => {\n  throw new Error('x') })\ntarget.dispatchEvent(new Event('e'))",
            3,
        ),
    ] {
        let (found, column) = place(code).await;
        assert_eq!(found, Some(line), "{code}");
        assert!(column.is_some(), "{code}");
    }
}

#[tokio::test]
async fn names_no_place_that_it_does_not_know() {
    assert_eq!(place("throw 'text'").await, (None, None));
    assert_eq!(
        place("const error = new Error('x'); error.stack = 'nowhere'; throw error").await,
        (None, None)
    );
    assert_eq!(
        place("const error = new Error('x'); error.stack = 'at f (action.js:9999999999999:1)'; throw error").await,
        (None, None)
    );
}

#[tokio::test]
async fn reports_what_is_thrown_later() {
    for code in [
        "await Promise.reject(new Error('later'))",
        "(async () => { throw new Error('later') })()",
        "setTimeout(() => { throw new Error('later') }, 1)",
        "setTimeout(async () => { throw new Error('later') }, 1)",
        "Promise.resolve().then(() => { throw new Error('later') })",
        "queueMicrotask(() => { throw new Error('later') })",
    ] {
        assert_eq!(message(failure(code).await), "Error: later", "{code}");
    }
}

#[tokio::test]
async fn does_not_mind_a_rejection_that_is_caught() {
    let code = "
        const rejected = Promise.reject(new Error('x'))
        await null
        rejected.catch(() => Lit.Actions.setResponse({response: 'caught'}))";
    // Listening one microtask later is soon enough.
    assert_eq!(response(code).await, "caught");
}

#[tokio::test]
async fn reports_thrown_values_that_are_no_errors() {
    for (thrown, text) in [
        ("'text'", "text"),
        ("17", "17"),
        ("undefined", "undefined"),
        ("({a: 1n})", "{\"a\":\"1n\"}"),
        ("Symbol('s')", "Symbol(s)"),
        (
            "null",
            "null (thrown by the script, or by the engine when no memory was left even for an error)",
        ),
        ("new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }})", "[object]"),
    ] {
        assert_eq!(message(failure(&format!("throw {thrown}")).await), text, "{thrown}");
    }
}

#[tokio::test]
async fn survives_errors_that_lie_about_themselves() {
    let code = "
        const error = new Error()
        for (const name of ['name', 'message', 'stack']) Object.defineProperty(error, name, {get() { throw error }})
        throw error";
    assert_eq!(message(failure(code).await), "an error that cannot be shown");
}

#[tokio::test]
async fn reports_a_script_that_cannot_be_read() {
    let RunErrorKind::Thrown { message, line, .. } = failure("let a = 1\nlet = = 2").await else {
        panic!()
    };
    assert!(message.starts_with("SyntaxError"), "{message}");
    assert_eq!(line, Some(2));
}

#[tokio::test]
async fn cuts_a_long_message_and_keeps_the_place() {
    for (length, shown) in [
        (1, 1),
        (ERROR_MESSAGE_BYTES_MAX - 7, ERROR_MESSAGE_BYTES_MAX - 7),
        (1 << 20, ERROR_MESSAGE_BYTES_MAX - 7),
    ] {
        let error = failure(&format!("throw new Error('x'.repeat({length}))")).await.to_string();
        let shown = format!("Uncaught Error: {} (line 1, column ", "x".repeat(shown));
        assert!(
            error.starts_with(&shown) && error.ends_with(')') && error.len() <= 2048,
            "{error}"
        );
    }
}

#[tokio::test]
async fn keeps_the_logs_of_a_run_that_fails() {
    let error = run(action("console.log('before'); throw 1")).await.unwrap_err();
    assert_eq!(error.logs, "before\n");
}
