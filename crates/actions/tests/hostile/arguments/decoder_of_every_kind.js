// Encodes and decodes what is neither text nor bytes.
// expect: ends
const kinds = [
    null,
    0,
    {},
    [1, 2],
    Symbol(),
    1n,
    new DataView(new ArrayBuffer(3), 1),
    new BigUint64Array(1),
    { toString: null },
]
for (const kind of kinds) {
    const attempts = [
        () => new TextDecoder().decode(kind),
        () => new TextDecoder(kind).decode(new Uint8Array(1)),
        () => new TextEncoder().encode(kind),
        () => new TextEncoder().encodeInto?.(kind, kind),
        () => crypto.getRandomValues(kind),
        () => crypto.subtle?.digest(kind, kind)?.catch(() => {}),
        () => btoa(kind),
        () => atob(kind),
        () => globalThis.structuredClone?.(kind),
    ]
    for (const attempt of attempts) {
        try {
            attempt()
        } catch {}
    }
}
