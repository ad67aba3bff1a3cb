// Reads a number of ten million digits.
// expect: timeout|thrown
const digits = '9'.repeat(10000000)
while (true) parseInt(digits, 7) + Number(digits)
