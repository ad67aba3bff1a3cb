// Calls functions with as many arguments as fit.
// expect: ends|thrown|memory|limit
const many = new Array(60000).fill('x')
console.log(...many)
setTimeout(() => {}, 1, ...many)
new URL(...many.fill('http://x/'))
