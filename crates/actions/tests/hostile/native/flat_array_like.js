// Flattens an object that claims the greatest length.
// expect: timeout
Array.prototype.flat.call({ length: 2 ** 53 - 1 })
