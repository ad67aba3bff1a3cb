// Looks for what others left in memory that was never written.
// expect: ends|memory|thrown
let left = 0
for (let round = 0; round < 3; round++) {
    const kept = []
    for (let size = 16; size <= 1 << 15; size *= 2) {
        const buffer = new ArrayBuffer(size, { maxByteLength: size * 2 })
        buffer.resize(size * 2)
        const moved = new ArrayBuffer(size).transfer(size * 2)
        kept.push(
            new Uint8Array(buffer),
            new Uint8Array(moved),
            new Uint8Array(size),
            new Uint8Array(new SharedArrayBuffer(size)),
        )
    }
    for (const bytes of kept) left += bytes.some((byte) => byte !== 0)
}
Lit.Actions.setResponse({ response: left ? 'ESCAPED' : 'nothing' })
