// Reduces an object that claims the greatest length and has nothing to reduce.
// expect: timeout
Array.prototype.reduceRight.call({ length: 2 ** 53 - 1 }, () => {}, 0)
