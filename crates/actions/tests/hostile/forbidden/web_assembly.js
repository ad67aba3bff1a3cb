// Compiles machine code in the browser's portable form.
// expect: ends
const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)
for (const attempt of [
    () => new WebAssembly.Module(bytes),
    () => WebAssembly.instantiate(bytes),
    () => new WebAssembly.Memory({ initial: 65536 }),
]) {
    try {
        await attempt()
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
