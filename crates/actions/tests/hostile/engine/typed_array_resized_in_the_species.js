// Resizes the buffer of a typed array while the constructor of its copy runs.
// expect: ends|thrown
const buffer = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 17 })
const array = new Float64Array(buffer)
array.constructor = {
    [Symbol.species]: function (length) {
        buffer.resize(8)
        return new Float64Array(length)
    },
}
for (const method of ['slice', 'map', 'filter', 'subarray']) {
    buffer.resize(1 << 16)
    try {
        array[method]((value) => value, 100)
    } catch {}
}
