// Logs as much as it may, and one byte more in a letter of three.
// expect: limit
console.log('x'.repeat(100 * 1024 - 2) + '\u20ac')
