// Asks for random bytes of one more than the greatest length, and into views of strange kinds.
// expect: ends
let refused = 0
for (const array of [
    new Uint8Array(65537),
    new Float64Array(1),
    new DataView(new ArrayBuffer(1)),
    [],
    null,
]) {
    try {
        crypto.getRandomValues(array)
    } catch {
        refused++
    }
}
Lit.Actions.setResponse({ response: refused ? 'refused' : 'ESCAPED' })
