// Prints a sparse array of the greatest length.
// expect: memory|timeout|thrown
JSON.stringify(Array(2 ** 32 - 1))
