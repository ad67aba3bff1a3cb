//! Events and AbortController.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn aborts_once_and_says_why() {
    let code = "(() => {
        const controller = new AbortController(), {signal} = controller, seen = []
        signal.onabort = (event) => seen.push(`on ${event.type}`)
        signal.addEventListener('abort', ({target}) => seen.push(target === signal))
        const before = signal.aborted
        controller.abort('why')
        controller.abort('again')
        let thrown
        try { signal.throwIfAborted() } catch (error) { thrown = error }
        return [before, signal.aborted, signal.reason, thrown, seen]
    })()";
    assert_eq!(value(code).await, json!([false, true, "why", "why", [true, "on abort"]]));
    let reasons = "[AbortSignal.abort().reason.name, AbortSignal.abort(5).reason, AbortSignal.abort().reason instanceof DOMException]";
    assert_eq!(value(reasons).await, json!(["AbortError", 5, true]));
    assert!(message(failure("new AbortSignal()").await).contains("Illegal constructor"));
}

#[tokio::test]
async fn aborts_in_time_without_keeping_the_script_alive() {
    let code = "await new Promise((resolve) => {
        const signal = AbortSignal.timeout(5)
        signal.onabort = () => resolve(signal.reason.name)
        setTimeout(() => resolve('never aborted'), 10000)
    })";
    let code = format!(
        "const name = {code}; Lit.Actions.setResponse({{response: name}}); await new Promise(() => {{}})"
    );
    let limits =
        conclave_actions::Limits { time: std::time::Duration::from_secs(60), ..Default::default() };
    assert_eq!(run(with_limits(&code, limits)).await.unwrap().response, "TimeoutError");
    // Its deadline is before that of the signal: it would end by that.
    let code = "AbortSignal.timeout(100000).onabort = () => {}; Lit.Actions.setResponse({response: 'over'})";
    assert_eq!(response(code).await, "over");
}

#[tokio::test]
async fn follows_any_of_several_signals() {
    let code = "(() => {
        const one = new AbortController(), two = new AbortController()
        const any = AbortSignal.any([one.signal, two.signal])
        two.abort('two'); one.abort('one')
        return [any.reason, AbortSignal.any([AbortSignal.abort('first')]).reason, AbortSignal.any([]).aborted]
    })()";
    assert_eq!(value(code).await, json!(["two", "first", false]));
}

#[tokio::test]
async fn calls_listeners_in_order_as_often_as_they_asked() {
    let code = "(() => {
        const target = new EventTarget(), seen = [], named = () => seen.push('named')
        target.addEventListener('go', named)
        target.addEventListener('go', named)
        target.addEventListener('go', () => seen.push('once'), {once: true})
        target.addEventListener('go', {handleEvent(event) { seen.push(event.cancelable); event.preventDefault() }})
        target.addEventListener('go', () => seen.push('signalled'), {signal: AbortSignal.abort()})
        const results = [target.dispatchEvent(new Event('go', {cancelable: true}))]
        target.removeEventListener('go', named)
        target.addEventListener('go', (event) => event.stopImmediatePropagation())
        target.addEventListener('go', () => seen.push('stopped'))
        results.push(target.dispatchEvent(new Event('go')), target.dispatchEvent(new Event('other')))
        return [seen, results]
    })()";
    assert_eq!(value(code).await, json!([["named", "once", true, false], [false, true, true]]));
}

#[tokio::test]
async fn ends_the_script_when_a_listener_throws() {
    let code = "
        const target = new EventTarget()
        target.addEventListener('go', () => { throw new RangeError('listener') })
        target.addEventListener('go', () => console.log('next'))
        target.dispatchEvent(new Event('go'))";
    let error = run(action(code)).await.unwrap_err();
    assert_eq!(error.logs, "next\n");
    assert_eq!(message(error.kind), "RangeError: listener");
}
