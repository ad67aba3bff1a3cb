// Sorts a copy of an object that claims to be long.
// expect: timeout|memory|thrown
while (true) Array.prototype.toSorted.call({ length: 2 ** 27 })
