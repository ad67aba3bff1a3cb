// Copies within an object that claims the greatest length.
// expect: timeout
Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 2)
