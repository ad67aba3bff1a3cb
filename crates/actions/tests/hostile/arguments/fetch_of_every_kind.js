// Fetches what is no URL.
// expect: ends|limit|thrown
const kinds = [
    undefined,
    null,
    0,
    {},
    [],
    Symbol(),
    1n,
    () => {},
    { url: {} },
    { url: null },
    {
        get url() {
            throw 1
        },
    },
    new Proxy({}, { has: () => true }),
    new Date(),
]
for (const kind of kinds) {
    try {
        await fetch(kind, kind)
    } catch {}
}
