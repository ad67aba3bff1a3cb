// Joins an object that claims to be long, with no separator.
// expect: timeout|memory
Array.prototype.join.call({ length: 2 ** 32 }, '')
