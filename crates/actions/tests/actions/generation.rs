//! No code is made of text, and nothing is imported.

use std::sync::Arc;

use rquickjs::module::WriteOptions;
use rquickjs::{Context, Module, Runtime};
use serde_json::json;

use crate::support::*;

const REFUSED: &str = "EvalError: Code generation from strings disallowed for this context";

#[tokio::test]
async fn refuses_to_run_text() {
    for code in [
        "eval('1')",
        "(0, eval)('1')",
        "globalThis.eval('1')",
        "eval?.('1')",
        "const evaluate = eval; evaluate('1')",
        "new Function('return 1')",
        "Function('return 1')()",
        "Function.prototype.constructor('return 1')",
        "(() => {}).constructor('return 1')",
        "(async () => {}).constructor('return 1')",
        "(function* () {}).constructor('return 1')",
        "(async function* () {}).constructor('return 1')",
        "({method() {}}).method.constructor('return 1')",
        "Object.getPrototypeOf(async () => {}).constructor('return 1')",
        "Object.getPrototypeOf((function* () {}).constructor)('return 1')",
        "Reflect.construct(Function, ['return 1'])",
        "Reflect.construct(Function, ['return 1'], class {})",
        "new (class extends Function {})('return 1')",
        "new (class extends (async () => {}).constructor {})('return 1')",
        "fetch.constructor('return 1')",
        "console.log.constructor('return 1')",
        "ethers.Wallet.constructor('return 1')",
        "Lit.Actions.signEcdsa.constructor('return 1')",
        "Function.bind(null, 'return 1')()",
        "setTimeout('1')",
        "setInterval('1', 5)",
        "delete globalThis.Function; (() => {}).constructor('return 1')",
        "delete globalThis.eval; delete Function.prototype.constructor; new (Object.getPrototypeOf((async () => {}).constructor))('1')",
    ] {
        assert_eq!(message(failure(code).await), REFUSED, "{code}");
    }
}

#[tokio::test]
async fn takes_no_bytecode_in_place_of_code() {
    let context = Context::full(&Runtime::new().unwrap()).unwrap();
    let bytecode = context.with(|context| {
        let module = Module::declare(
            context,
            "action",
            "globalThis.Lit?.Actions.setResponse({response: 'ran'})",
        )
        .unwrap();
        module.write(WriteOptions::default()).unwrap()
    });
    assert!(bytecode.len() > 100);
    // Code is text: bytes come as those that were read as UTF-8, or each as a character.
    let read = String::from_utf8_lossy(&bytecode).into_owned();
    let characters: String = bytecode.iter().copied().map(char::from).collect();
    for code in [read, characters] {
        assert!(message(failure(&code).await).starts_with("SyntaxError"), "{code:?}");
        let mut signer = Signer::default();
        signer.actions.insert("QmBytes", code);
        let parent = "await Lit.Actions.call({ipfsId: 'QmBytes'})";
        let error = run_for(action(parent), Arc::new(signer)).await.unwrap_err().kind;
        assert!(message(error).contains("SyntaxError"));
    }
}

#[tokio::test]
async fn leaves_no_way_back_to_what_it_replaced() {
    // Every function that is reachable from the global scope, and what its prototype calls a
    // constructor.
    let code = "
        const seen = new Set(), waiting = [globalThis, (async () => {}), (function* () {}), (async function* () {})]
        while (waiting.length > 0) {
            const value = waiting.pop()
            if (Object(value) !== value || seen.has(value)) continue
            seen.add(value)
            waiting.push(Object.getPrototypeOf(value))
            for (const {value: next, get, set} of Object.values(Object.getOwnPropertyDescriptors(value))) waiting.push(next, get, set)
            for (const symbol of Object.getOwnPropertySymbols(value)) waiting.push(Object.getOwnPropertyDescriptor(value, symbol).value)
        }
        const names = ['Function', 'AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction', 'eval']
        const found = [...seen].filter((value) => typeof value === 'function' && names.includes(value.name))
        const ran = []
        for (const make of found) {
            try { ran.push(make('return 1')) } catch (error) { if (!(error instanceof EvalError)) ran.push(error.message) }
        }
        Lit.Actions.setResponse({response: JSON.stringify([seen.size > 500, found.map(({name}) => name).sort(), ran])})";
    let found =
        ["AsyncFunction", "AsyncGeneratorFunction", "Function", "GeneratorFunction", "eval"];
    assert_eq!(
        response(code).await.parse::<serde_json::Value>().unwrap(),
        json!([true, found, []])
    );
}

#[tokio::test]
async fn keeps_what_functions_and_eval_are_without_text() {
    let facts = "[
        eval(5), eval.name, (() => {}) instanceof Function, fetch instanceof Function, Function.name, Function.length,
        Function.prototype === Object.getPrototypeOf(() => {}), (() => {}).constructor === Function,
        Object.getPrototypeOf((async () => {}).constructor) === Function, (async () => {}).constructor.name,
        Function.prototype.call.call(function () { return this.a }, {a: 1})]";
    let expected =
        json!([5, "eval", true, true, "Function", 1, true, true, true, "AsyncFunction", 1]);
    assert_eq!(value(facts).await, expected);
}

#[tokio::test]
async fn imports_nothing() {
    for code in [
        "await import('fs')",
        "import('./x.js')",
        "await import('data:text/javascript,1')",
        "import('https://x/')",
    ] {
        assert_eq!(
            message(failure(code).await),
            "TypeError: import is not offered to actions: bundle what the script needs",
            "{code}"
        );
    }
    for (code, statement) in [
        ("import x from 'y'", "import"),
        ("let a = 1\n  import{x}from'y'", "import"),
        ("import * as fs from 'fs'", "import"),
        ("let a = 1\nexport default a", "export"),
    ] {
        let thrown = message(failure(code).await);
        assert!(thrown.starts_with("SyntaxError"), "{thrown}");
        assert!(
            thrown.ends_with(&format!(
                ": {statement} is not offered to actions: bundle what the script needs"
            )),
            "{thrown}"
        );
    }
    for code in ["imported = = 1", "JSON.parse('import')", "let import_\nlet import_"] {
        assert!(!message(failure(code).await).contains("not offered"), "{code}");
    }
}

#[tokio::test]
async fn offers_nothing_of_a_system() {
    let names = [
        "require",
        "process",
        "Deno",
        "Buffer",
        "std",
        "os",
        "navigator",
        "document",
        "XMLHttpRequest",
    ];
    let expression = format!("[{}]", names.map(|name| format!("typeof {name}")).join(","));
    assert_eq!(value(&expression).await, json!(vec!["undefined"; 9]), "libraries look for them");
    for name in ["XMLHttpRequest", "Deno", "process", "require", "Buffer"] {
        let thrown = message(failure(&format!("new {name}.Thing()")).await);
        assert!(
            thrown.ends_with(&format!("is not defined: {name} is not offered to actions")),
            "{thrown}"
        );
    }
}

#[tokio::test]
async fn says_of_what_is_not_offered_also_to_those_who_catch_it() {
    let uses = "
        const uses = {
            WebSocket: ['', WebSocket],
            Worker: ['', Worker],
            Intl: ['Collator DateTimeFormat DisplayNames DurationFormat ListFormat Locale NumberFormat PluralRules RelativeTimeFormat Segmenter getCanonicalLocales supportedValuesOf', Intl],
            WebAssembly: ['compile compileStreaming instantiate instantiateStreaming validate Module Instance Memory Table Global', WebAssembly],
        }
        const said = async (use) => { try { await use(); return 'nothing' } catch (error) { return `${error.name}: ${error.message}` } }
        const wrong = []
        for (const [name, [members, object]] of Object.entries(uses)) {
            const refusal = `Error: ${name} is not offered to actions`
            const all = members ? members.split(' ') : ['itself']
            for (const member of all) {
                const used = members ? object[member] : object
                if (await said(() => used()) !== refusal) wrong.push(`${name}.${member}()`)
                const isAsync = /^(compile|instantiate)/.test(member)
                if (!isAsync && await said(() => new used()) !== refusal) wrong.push(`new ${name}.${member}`)
                if (isAsync && !(used().catch(() => {}) instanceof Promise)) wrong.push(`${name}.${member} is no promise`)
            }
            if (members && String(Object.getOwnPropertyNames(object).sort()) !== String(all.sort())) wrong.push(`${name} has others`)
        }
        Lit.Actions.setResponse({response: wrong.join()})";
    assert_eq!(response(uses).await, "");
    assert_eq!(
        message(failure("new Intl.NumberFormat()").await),
        "Error: Intl is not offered to actions"
    );
}

#[tokio::test]
async fn lets_a_script_bring_what_is_not_offered() {
    let code = "
        class WebSocket {}
        var Worker = class { name = 'mine' }
        globalThis.Intl = { NumberFormat: class {} }
        WebAssembly.compile = () => 'compiled'
        new WebSocket(); new Intl.NumberFormat()
        Lit.Actions.setResponse({response: `${new Worker().name} ${WebAssembly.compile()}`})";
    assert_eq!(response(code).await, "mine compiled");
}
