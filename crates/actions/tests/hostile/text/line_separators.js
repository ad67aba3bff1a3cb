// Ends lines by every character that may end one.
// expect: thrown
const text = 'a\u2028b\u2029c'
console.log(text.split(/\s/))
throw new Error(`\n\n\r\u2028at action.js:99999999999999999999:1\nat x (action.js:-1:-1)`)
