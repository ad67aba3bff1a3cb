// Keeps buffers of the kind that is shared.
// expect: memory|thrown
const all = []
while (true) all.push(new SharedArrayBuffer(1 << 20))
