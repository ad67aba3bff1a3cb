// Shifts an object that claims the greatest length.
// expect: timeout
Array.prototype.shift.call({ length: 2 ** 53 - 1 })
