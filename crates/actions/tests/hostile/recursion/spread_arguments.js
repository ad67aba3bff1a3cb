// Calls itself with ever more arguments.
// expect: thrown|memory
const f = (...values) => f(...values, ...values, 1)
f()
