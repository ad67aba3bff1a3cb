//! Names of parameters that mean harm: whoever calls an action cannot change what its code's names
//! mean.

use std::sync::Arc;

use conclave_actions::RunErrorKind;
use serde_json::{Map, Value, json};

use crate::corpus::Script;
use crate::node::Node;
use crate::{World, processes};

/// What every version takes for itself, inherited names included.
const TAKEN: &str = "__proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ constructor hasOwnProperty isPrototypeOf \
    propertyIsEnumerable toLocaleString toString valueOf globalThis global self undefined NaN Infinity eval parseInt parseFloat isNaN \
    isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape Object Function Error TypeError RangeError \
    SyntaxError ReferenceError EvalError URIError AggregateError Array ArrayBuffer SharedArrayBuffer DataView Uint8Array Int8Array \
    Uint8ClampedArray Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array BigInt64Array BigUint64Array BigInt Boolean \
    Number String Symbol Date Math JSON Reflect Proxy Promise Map Set WeakMap WeakSet WeakRef FinalizationRegistry RegExp Iterator Atomics \
    Lit LitActions LitAuth ethers fetch Headers Response URL URLSearchParams TextEncoder TextDecoder console crypto setTimeout \
    setInterval clearTimeout clearInterval queueMicrotask atob btoa DOMException Float16Array InternalError \
    SuppressedError DisposableStack AsyncDisposableStack WebAssembly Intl WebSocket Worker";

/// What may be a parameter and means nothing to anyone but the script.
const INERT: [&str; 40] = [
    "then",
    "toJSON",
    "prototype",
    "arguments",
    "caller",
    "callee",
    "length",
    "name",
    "this",
    "await",
    "async",
    "import",
    "new",
    "function",
    "var",
    "0",
    "-1",
    "4294967295",
    "",
    " ",
    "a b",
    "a\0b",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "Lit ",
    " Lit",
    "lit",
    "LIT",
    "fetch\0",
    "FETCH",
    "Lit.Actions",
    "__proto__\0",
    "_proto_",
    "Symbol.iterator",
    "@@iterator",
    "next",
    "done",
    "value",
    "resolve",
];

/// What some version may come to offer: refused or inert, as that version has it.
const UNDECIDED: &str = "jsParams LitHeaders jwt Request AbortController AbortSignal Event EventTarget structuredClone performance \
    XMLHttpRequest Blob FormData ReadableStream Buffer process require module exports Deno std os \
    window document navigator location Temporal litInternalFetchDebugLog uint8arrayFromString uint8arrayToString";

/// Answers with what an action relies on.
const RELIES: &str = "
    const { signEcdsa, setResponse } = Lit.Actions
    await new Promise((resolve) => setTimeout(resolve, 1))
    const signed = await signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' })
    const fetched = (await (await fetch(`${server}bytes/3`)).text()).length
    console.log([...new Map([['a', 1]])], JSON.stringify({ b: [2] }))
    const names = [typeof fetch, typeof Lit.Actions.signEcdsa, Lit.Auth.actionIpfsIds.length, typeof Object.prototype.polluted]
    setResponse({ response: [signed, fetched, ethers.utils.id('x').slice(0, 6), new URL('http://h/').host, ...names].join(' ') })";

async fn run(world: &World, params: Map<String, Value>) -> Result<String, RunErrorKind> {
    let mut action = Script::honest(RELIES).action(&world.sink.url(), &world.server.url());
    action.params.extend(params);
    let node = Arc::new(Node::default());
    let outcome = world.pool.run(action, node.clone()).await.map_err(|error| error.kind)?;
    assert_eq!(node.signed(), 1);
    Ok(outcome.response + &outcome.logs)
}

fn harmful(name: &str) -> Map<String, Value> {
    Map::from_iter([(
        name.to_owned(),
        json!({ "polluted": true, "prototype": { "polluted": true }, "length": 1, "signEcdsa": "forged" }),
    )])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_are_refused_or_mean_nothing_to_what_an_action_relies_on() {
    let _alone = processes::alone().await;
    let world = World::begin(4).await;
    let expected = run(&world, Map::new()).await.unwrap();
    assert_eq!(
        expected,
        "success 3 0x7521 h function function 1 undefined[[\"a\",1]] {\"b\":[2]}\n"
    );
    let taken: Vec<_> = TAKEN.split_whitespace().collect();
    assert!(taken.len() >= 100, "{} names", taken.len());
    for name in taken {
        assert_eq!(
            run(&world, harmful(name)).await,
            Err(RunErrorKind::Parameter { name: name.into() })
        );
    }
    let all_inert = INERT.iter().flat_map(|name| harmful(name)).collect();
    assert_eq!(run(&world, all_inert).await.as_ref(), Ok(&expected));
    for name in UNDECIDED.split_whitespace() {
        match run(&world, harmful(name)).await {
            Ok(response) => assert_eq!(response, expected, "{name}"),
            Err(kind) => assert_eq!(kind, RunErrorKind::Parameter { name: name.into() }),
        }
    }
    world.end().await;
}
