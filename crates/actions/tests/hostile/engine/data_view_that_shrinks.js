// Shrinks a buffer while a view reads where to write.
// expect: ends|thrown
const buffer = new ArrayBuffer(1024, { maxByteLength: 2048 })
const view = new DataView(buffer)
for (const method of ['setFloat64', 'setBigInt64', 'setUint8', 'setInt32']) {
    buffer.resize(1024)
    const value = {
        valueOf() {
            buffer.resize(1)
            return method.includes('Big') ? 1n : 1
        },
    }
    try {
        view[method](1000, value)
    } catch {}
}
