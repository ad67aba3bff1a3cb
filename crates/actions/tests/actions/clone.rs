//! structuredClone.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn clones_what_has_a_structure() {
    let code = "(() => {
        const shared = {s: 1}
        const value = {
            shared, again: shared, list: [1, , 3], date: new Date(5), pattern: /a+/gi, map: new Map([[shared, 'm']]), set: new Set([shared]),
            bytes: new Uint8Array([1, 2, 3, 4]).subarray(1, 3), words: new Float64Array([1.5]), view: new DataView(new ArrayBuffer(4), 1, 2),
            boxed: [Object(1), Object('s'), Object(true), Object(2n)], big: 5n, none: undefined, nan: NaN, error: new RangeError('far', {cause: shared}),
        }
        value.self = value
        value.map.set('self', value)
        const copy = structuredClone(value)
        return [
            copy !== value, copy.self === copy, copy.shared !== shared, copy.shared === copy.again, [...copy.map.keys()][0] === copy.shared,
            copy.map.get('self') === copy, copy.set.has(copy.shared), copy.list, 1 in copy.list, copy.date.getTime(), String(copy.pattern),
            Array.from(copy.bytes), copy.bytes.byteOffset, copy.bytes.buffer.byteLength, copy.words[0], copy.view.byteLength,
            copy.boxed.map((box) => typeof box.valueOf()), String(copy.big), 'none' in copy, Number.isNaN(copy.nan),
            copy.error instanceof RangeError, copy.error.message, copy.error.cause === copy.shared]
    })()";
    let expected = json!([
        true,
        true,
        true,
        true,
        true,
        true,
        true,
        [1, null, 3],
        false,
        5,
        "/a+/gi",
        [2, 3],
        1,
        4,
        1.5,
        2,
        ["number", "string", "boolean", "bigint"],
        "5",
        true,
        true,
        true,
        "far",
        true
    ]);
    assert_eq!(value(code).await, expected);
    let code = "(() => {
        const copy = structuredClone(JSON.parse('{\"__proto__\": {\"a\": 1}, \"b\": 2}'))
        const inherited = structuredClone(Object.create({inherited: 1}))
        return [Object.keys(copy), inherited.inherited === undefined, Object.getPrototypeOf(copy) === Object.prototype]
    })()";
    assert_eq!(value(code).await, json!([["__proto__", "b"], true, true]));
}

#[tokio::test]
async fn refuses_to_clone_what_has_none() {
    for refused in [
        "() => {}",
        "{a: {b: fetch}}",
        "Symbol('s')",
        "[new WeakMap()]",
        "Promise.resolve()",
        "new WeakRef({})",
        "globalThis.Lit.Actions",
    ] {
        let code = format!(
            "(() => {{ try {{ structuredClone({refused}) }} catch (error) {{ return [error.name, error instanceof DOMException] }} }})()"
        );
        assert_eq!(value(&code).await, json!(["DataCloneError", true]), "{refused}");
    }
}

#[tokio::test]
async fn moves_buffers() {
    let code = "(() => {
        const bytes = new Uint8Array([1, 2])
        const copy = structuredClone({bytes}, {transfer: [bytes.buffer]})
        return [Array.from(copy.bytes), bytes.byteLength]
    })()";
    assert_eq!(value(code).await, json!([[1, 2], 0]));
    let code = "(() => { try { structuredClone(1, {transfer: [{}]}) } catch (error) { return error.name } })()";
    assert_eq!(value(code).await, "DataCloneError");
}
