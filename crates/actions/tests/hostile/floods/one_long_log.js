// Logs one line of ten million letters.
// expect: limit|memory
console.log('x'.repeat(1e7))
