// Constructs every global class with every kind of value.
// expect: ends|timeout|memory|thrown
const kinds = [
    undefined,
    null,
    0,
    -1,
    1e3,
    'x',
    {},
    [],
    Symbol(),
    () => {},
    new Proxy(() => {}, {}),
    new Uint8Array(4),
]
for (const name of Object.getOwnPropertyNames(globalThis)) {
    const type = globalThis[name]
    if (typeof type !== 'function') continue
    for (const kind of kinds) {
        try {
            const made = new type(kind, kind, kind)
            if (made instanceof Promise) made.catch(() => {})
        } catch {}
    }
}
