// Shrinks a typed array from within its comparator.
// expect: ends|thrown
const buffer = new ArrayBuffer(8000, { maxByteLength: 16000 })
const array = new Float64Array(buffer)
array.forEach((_, index) => (array[index] = 1000 - index))
array.sort((left, right) => {
    buffer.resize(8)
    return left - right
})
