// Keeps buffers that may grow.
// expect: memory|thrown
const all = []
while (true) all.push(new ArrayBuffer(1, { maxByteLength: 1 << 20 }))
