// Looks for a way to have the engine run bytes.
// expect: ends|thrown
const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7) & 255)
for (const name of ['bjson', 'WebAssembly', 'std', 'os']) {
    const found = globalThis[name]
    for (const method of ['read', 'evalScript', 'loadScript', 'instantiate', 'compile', 'Module']) {
        try {
            const result = found?.[method]?.(bytes.buffer, 0, 4096, 1)
            await result
            if (result !== undefined)
                Lit.Actions.setResponse({ response: `ESCAPED ${name}.${method}` })
        } catch {}
    }
}
