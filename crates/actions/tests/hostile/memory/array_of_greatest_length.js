// Fills an array of a quarter of a billion.
// expect: memory|thrown
new Array(2 ** 28).fill(1)
