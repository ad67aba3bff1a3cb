// Repeats a text to the greatest length, again and again.
// expect: memory|thrown
const all = []
while (true) all.push('x'.repeat(2 ** 29))
