// Shrinks a buffer while an atomic reads its value.
// expect: ends|thrown
const buffer = new ArrayBuffer(1024, { maxByteLength: 2048 })
const array = new Int32Array(buffer)
for (const method of ['store', 'add', 'and', 'or', 'xor', 'exchange', 'compareExchange', 'sub']) {
    buffer.resize(1024)
    const shrink = {
        valueOf() {
            buffer.resize(0)
            return 1
        },
    }
    try {
        Atomics[method](array, 200, shrink, shrink)
    } catch {}
}
