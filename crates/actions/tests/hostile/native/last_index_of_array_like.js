// Searches an object that claims the greatest length from its end.
// expect: timeout
Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1)
