// Concatenates an object that claims to be spreadable and long.
// expect: timeout|thrown
const long = { length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true }
const joined = [].concat(long)
while (true) {}
