// Concatenates arrays whose elements shrink the others.
// expect: ends|thrown
const left = new Array(1000).fill(1)
const right = new Array(1000).fill(2)
Object.defineProperty(left, 10, { get: () => (right.length = 0) })
for (let count = 0; count < 100; count++) left.concat(right, left)
