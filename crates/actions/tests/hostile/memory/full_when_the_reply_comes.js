// Fills memory while a long response is on its way.
// expect: memory|thrown|ends
const all = []
const wait = fetch(`${server}bytes/4000000`)
for (let size = 1 << 20; size >= 64; size >>= 1) {
    try {
        while (true) all.push(new Uint8Array(size))
    } catch {}
}
await wait
