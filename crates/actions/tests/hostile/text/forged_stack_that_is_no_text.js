// Throws an error whose stack is no text.
// expect: thrown
const error = new Error('x')
error.stack = { toString: () => ({}), toWellFormed: () => 1 }
throw error
