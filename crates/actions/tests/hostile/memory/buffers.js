// Keeps buffers without end.
// expect: memory
const all = []
while (true) all.push(new Uint8Array(1 << 20))
