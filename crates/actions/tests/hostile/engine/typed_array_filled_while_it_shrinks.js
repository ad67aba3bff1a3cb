// Shrinks and gives away a typed array while its arguments are read.
// expect: ends|thrown
for (const method of [
    'fill',
    'copyWithin',
    'indexOf',
    'includes',
    'lastIndexOf',
    'with',
    'at',
    'set',
    'subarray',
]) {
    const buffer = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 17 })
    const array = new Uint8Array(buffer)
    const shrink = {
        valueOf() {
            buffer.resize(1)
            return 60000
        },
    }
    try {
        array[method](shrink, shrink, shrink)
    } catch {}
    const given = new Uint8Array(1 << 16)
    const detach = {
        valueOf() {
            given.buffer.transfer(1)
            return 60000
        },
    }
    try {
        given[method](detach, 0, 60000)
    } catch {}
}
