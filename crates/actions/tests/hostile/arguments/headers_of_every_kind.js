// Makes headers and responses of what is none.
// expect: ends|limit|thrown
const kinds = [
    null,
    0,
    'ab',
    {},
    [],
    [1],
    [[1]],
    Symbol(),
    () => {},
    new Proxy([], {}),
    { a: { toString: null } },
    { '\r\n': '\r\n' },
    { a: '\0' },
    new Map([['a', 'b']]),
]
for (const kind of kinds) {
    for (const make of [
        () => new Headers(kind),
        () => new Response(kind),
        () => new Response('x', kind),
        () => new Response('x', { headers: kind }),
    ]) {
        try {
            make()
        } catch {}
    }
    await fetch(`${server}bytes/1`, { headers: kind }).catch(() => {})
    await fetch(`${server}bytes/1`, { method: 'POST', body: kind }).catch(() => {})
}
