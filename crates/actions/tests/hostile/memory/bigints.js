// Keeps large numbers.
// expect: memory
const all = []
for (let number = 2n ** 100000n; ; number++) all.push(number)
