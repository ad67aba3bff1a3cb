// Reads a number of three hundred thousand digits.
// expect: timeout
const digits = '9'.repeat(300000)
while (true) BigInt(digits)
