// Visits an object that claims the greatest length and has nothing to visit.
// expect: timeout
Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => {})
