// Catches being out of memory for ever.
// expect: timeout
const all = []
while (true) {
    try {
        while (true) all.push(new Uint8Array(1 << 16))
    } catch {}
}
