// Throws an error whose stack names places of its own.
// expect: thrown
const error = new Error('x')
error.stack =
    'at f (action.js:4294967296:99999999999999999999)\nat action.js:1:1:1:action.js\n'.repeat(1000)
throw error
