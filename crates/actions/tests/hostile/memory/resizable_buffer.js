// Asks for a small buffer that may grow beyond all memory, and grows it.
// expect: memory|thrown
const buffer = new ArrayBuffer(1, { maxByteLength: 2 ** 40 })
buffer.resize(2 ** 40)
