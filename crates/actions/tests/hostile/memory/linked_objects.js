// Chains objects without end.
// expect: memory
let last = null
while (true) last = { last }
