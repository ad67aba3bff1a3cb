// Sorts bytes by the engine's own order, for ever.
// expect: timeout
const bytes = new Float64Array(1 << 20)
while (true) bytes.fill(1).sort()
