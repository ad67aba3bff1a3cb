// Splits a long text into letters, and those into arrays.
// expect: memory
const all = []
while (true) all.push('ab'.repeat(1 << 16).split(''))
