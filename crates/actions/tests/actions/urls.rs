//! URL and URLSearchParams.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn reads_urls() {
    let parts = value("(({href, host, port, pathname, search, hash, origin}) => [href, host, port, pathname, search, hash, origin])(new URL('../b?q=1#h', 'HTTPS://Example.com:8443/a/c/'))").await;
    let expected = [
        "https://example.com:8443/a/b?q=1#h",
        "example.com:8443",
        "8443",
        "/a/b",
        "?q=1",
        "#h",
        "https://example.com:8443",
    ];
    assert_eq!(parts, json!(expected));
    assert_eq!(value("(() => { const u = new URL('https://x/?a=1'); u.searchParams.append('b', '\u{e9} &'); u.searchParams.set('a', 2); return `${u}` })()").await, "https://x/?a=2&b=%C3%A9+%26");
    assert_eq!(
        value("[URL.canParse('nope'), URL.canParse('/x', 'http://y'), new URLSearchParams({a: 1, b: 'c d'}).toString()]").await,
        json!([false, true, "a=1&b=c+d"])
    );
    assert!(message(failure("new URL('nope')").await).contains("Invalid URL"));
}

#[tokio::test]
async fn changes_parts_of_urls_as_the_standard_says() {
    for (part, set, expected) in [
        ("protocol", "http", "http://u:p@example.com:8080/a?b=1#c"),
        ("protocol", "mailto", "https://u:p@example.com:8080/a?b=1#c"),
        ("username", "x y", "https://x%20y:p@example.com:8080/a?b=1#c"),
        ("password", "", "https://u@example.com:8080/a?b=1#c"),
        ("host", "other.org:81", "https://u:p@other.org:81/a?b=1#c"),
        ("hostname", "b\u{fc}cher.de", "https://u:p@xn--bcher-kva.de:8080/a?b=1#c"),
        ("hostname", "a b", "https://u:p@example.com:8080/a?b=1#c"),
        ("port", "443", "https://u:p@example.com/a?b=1#c"),
        ("port", "x", "https://u:p@example.com:8080/a?b=1#c"),
        ("pathname", "x/../y", "https://u:p@example.com:8080/y?b=1#c"),
        ("search", "d=\u{e9}", "https://u:p@example.com:8080/a?d=%C3%A9#c"),
        ("search", "", "https://u:p@example.com:8080/a#c"),
        ("hash", "#h", "https://u:p@example.com:8080/a?b=1#h"),
        ("href", "https://z/", "https://z/"),
    ] {
        let code = format!(
            "(() => {{ const url = new URL('https://u:p@example.com:8080/a?b=1#c'); url.{part} = '{set}'; return [url.href, url.searchParams.toString() === url.search.slice(1)] }})()"
        );
        assert_eq!(value(&code).await, json!([expected, true]), "{part} = {set}");
    }
    assert!(message(failure("new URL('https://x/').href = 'nope'").await).contains("Invalid URL"));
}

#[tokio::test]
async fn keeps_a_url_and_its_parameters_in_step() {
    let code = "(() => {
        const url = new URL('https://x/?a=1&b=2&a=3'), {searchParams} = url
        searchParams.delete('a', '1')
        const first = url.href
        url.search = '?c=4'
        const same = url.searchParams === searchParams
        searchParams.append('d', 'e f')
        searchParams.sort()
        return [first, same, searchParams.get('c'), url.href, String(url), JSON.stringify({url})]
    })()";
    let last = "https://x/?c=4&d=e+f";
    let expected =
        json!(["https://x/?b=2&a=3", true, "4", last, last, format!("{{\"url\":\"{last}\"}}")]);
    assert_eq!(value(code).await, expected);
}

#[tokio::test]
async fn reads_parameters_in_every_form() {
    let code = "[
        new URLSearchParams('?a=1&b=%20x+y').toString(), new URLSearchParams([['a', 1], ['a', 2]]).getAll('a'),
        new URLSearchParams({a: 1, b: undefined}).toString(), new URLSearchParams(new URLSearchParams('x=y')).toString(),
        new URLSearchParams(new Map([['m', 'n']])).get('m'), new URLSearchParams().size, new URLSearchParams('a&a=&a=b').size,
        new URLSearchParams('a=1&a=2').has('a', '2'), new URLSearchParams('a=1').has('a', '2'), new URLSearchParams('a=1').get('b'),
        [...new URLSearchParams('b=2&a=1').keys()], [...new URLSearchParams('b=2&a=1').values()],
        Object.fromEntries(new URLSearchParams('b=2&a=1')), new URLSearchParams({a: '\\ud800'}).toString()]";
    let expected = json!([
        "a=1&b=+x+y", ["1", "2"], "a=1&b=undefined", "x=y", "n", 0, 3, true, false, null, ["b", "a"], ["2", "1"], {"b": "2", "a": "1"},
        "a=%EF%BF%BD"
    ]);
    assert_eq!(value(code).await, expected);
    assert!(message(failure("new URLSearchParams([['a']])").await).contains("pair"));
}

#[tokio::test]
async fn tells_whether_a_text_is_a_url() {
    let code = "[URL.canParse('https://x'), URL.canParse('x'), URL.parse('x'), URL.parse('../a', 'https://x/b/c').href]";
    assert_eq!(value(code).await, json!([true, false, null, "https://x/a"]));
}
