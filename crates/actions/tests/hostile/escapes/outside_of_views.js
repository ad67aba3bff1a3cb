// Reads and writes outside of views.
// expect: ends
const bytes = new Uint8Array(8)
const view = new DataView(bytes.buffer)
let read = 0
for (const place of [-1, 8, 9, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), 1e300, NaN]) {
    bytes[place] = 1
    if (place === place && bytes[place] !== undefined) read++
    for (const attempt of [
        () => view.getUint8(place),
        () => view.setFloat64(place, 1),
        () => Atomics.load(bytes, place),
    ]) {
        try {
            attempt()
            if (place === place) read++
        } catch {}
    }
}
Lit.Actions.setResponse({ response: read ? `ESCAPED ${read}` : 'nothing' })
