// Logs a value that is longer as text than memory allows.
// expect: memory|thrown|limit|ends
const row = new Array(1000).fill(123456789)
console.log(new Array(1000).fill(row))
