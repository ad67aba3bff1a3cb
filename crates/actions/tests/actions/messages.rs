//! Headers, Request and Response, without a server.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn keeps_headers_by_their_names_in_any_case() {
    let code = "(() => {
        const headers = new Headers({'X-B': ' b ', 'x-a': 1})
        headers.append('X-A', '2')
        headers.append('Set-Cookie', 'a=1, 2'); headers.append('set-cookie', 'b')
        const seen = []
        headers.forEach(function (value, name) { seen.push(`${this.of} ${name}=${value}`) }, {of: 'h'})
        headers.delete('x-b')
        return [
            seen, [...headers.keys()], [...headers.values()], headers.getSetCookie(), headers.get('X-a'), headers.get('none'),
            headers.has('X-A'), [...new Headers(headers)].length, [...new Headers([['a', 'b']])], [...new Headers()], [...new Headers(null)].length]
    })()";
    let expected = json!([
        ["h set-cookie=a=1, 2", "h set-cookie=b", "h x-a=1, 2", "h x-b=b"],
        ["set-cookie", "set-cookie", "x-a"],
        ["a=1, 2", "b", "1, 2"],
        ["a=1, 2", "b"],
        "1, 2",
        null,
        true,
        3,
        [["a", "b"]],
        [],
        0
    ]);
    assert_eq!(value(code).await, expected);
    for wrong in [
        "new Headers({'a b': 1})",
        "new Headers({'': 1})",
        "new Headers([['a']])",
        "new Headers({a: 'x\\ny'})",
        "new Headers('a: b')",
    ] {
        assert!(message(failure(wrong).await).starts_with("TypeError"), "{wrong}");
    }
}

#[tokio::test]
async fn makes_requests_from_each_other() {
    let code = "await (async () => {
        const first = new Request('https://x/a', {method: 'post', headers: {'x-a': '1'}, body: 'b\u{e9}', redirect: 'error'})
        const second = new Request(first, {headers: {'x-b': '2'}})
        const third = second.clone()
        const facts = [first.method, first.url, second.method, [...second.headers.keys()], second.redirect, await third.text(), third.bodyUsed,
            second.bodyUsed, await second.arrayBuffer().then(({byteLength}) => byteLength)]
        const again = await second.text().catch((error) => error.name)
        return [...facts, again, new Request(new URL('https://y')).url, new Request('https://y').method, first.signal instanceof AbortSignal]
    })()";
    let expected = json!([
        "POST",
        "https://x/a",
        "POST",
        ["x-b"],
        "error",
        "b\u{e9}",
        true,
        false,
        3,
        "TypeError",
        "https://y/",
        "GET",
        true
    ]);
    assert_eq!(value(code).await, expected);
    for wrong in [
        "new Request('/relative')",
        "new Request('https://x', {body: 'b'})",
        "new Request('https://x', {method: 'head', body: 'b'})",
        "new Request('https://x', {method: 'CONNECT'})",
        "new Request('https://x', {redirect: 'manual'})",
    ] {
        assert!(message(failure(wrong).await).starts_with("TypeError"), "{wrong}");
    }
}

#[tokio::test]
async fn makes_responses_of_its_own() {
    let code = "await (async () => {
        const made = new Response('text', {status: 201, statusText: 'Made', headers: {'x-a': '1'}})
        const copy = made.clone()
        const json = Response.json({a: 1}), away = Response.redirect('https://x/', 307), error = Response.error()
        return [
            made.status, made.ok, made.statusText, made.headers.get('content-type'), made.type, made.url, await made.text(), await copy.text(),
            copy.headers.get('x-a'), await json.json(), json.headers.get('content-type'), away.status, away.headers.get('location'),
            error.status, error.type, error.ok, await new Response().text(), new Response().bodyUsed,
            Array.from(await new Response(new Uint8Array([1, 2]).buffer).bytes()),
            new Response(new URLSearchParams('a=b')).headers.get('content-type').split(';')[0]]
    })()";
    let expected = json!([
        201, true, "Made", "text/plain;charset=UTF-8", "default", "", "text", "text", "1", {"a": 1}, "application/json", 307, "https://x/",
        0, "error", false, "", false, [1, 2], "application/x-www-form-urlencoded"
    ]);
    assert_eq!(value(code).await, expected);
    for (wrong, name) in [
        ("new Response('', {status: 199})", "RangeError"),
        ("new Response('', {status: 600})", "RangeError"),
        ("new Response('b', {status: 204})", "TypeError"),
        ("Response.json(undefined)", "TypeError"),
        ("Response.redirect('https://x/', 200)", "RangeError"),
    ] {
        assert!(message(failure(wrong).await).starts_with(name), "{wrong}");
    }
}

#[tokio::test]
async fn changes_nothing_of_a_body_that_the_script_changes_later() {
    let code = "await (async () => { const bytes = new Uint8Array([65]); const response = new Response(bytes); bytes[0] = 66; return response.text() })()";
    assert_eq!(value(code).await, "A");
}
