// Slices an object that claims to be long.
// expect: timeout|memory|thrown
while (true) Array.prototype.slice.call({ length: 2 ** 32 - 1 }, 0)
