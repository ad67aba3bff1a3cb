// Makes URLs and their parameters of what is none.
// expect: ends
const kinds = [
    null,
    0,
    {},
    [],
    [1],
    [[1]],
    [[1, 2, 3]],
    Symbol(),
    () => {},
    new Map([[1, 2]]),
    new Proxy({}, { ownKeys: () => ['a'] }),
    'http://[',
    'http://x:99999/',
    '\0',
    '//',
    'http://' + 'x'.repeat(1e6),
]
for (const kind of kinds) {
    for (const make of [
        () => new URL(kind),
        () => new URL('/', kind),
        () => new URLSearchParams(kind),
        () => URL.canParse(kind),
    ]) {
        try {
            ;`${make()}`
        } catch {}
    }
}
