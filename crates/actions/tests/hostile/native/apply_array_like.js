// Applies a function to an object that claims to be long.
// expect: thrown|memory
Math.max.apply(null, { length: 2 ** 31 })
