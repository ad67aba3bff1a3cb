// Lets go of a list of a hundred thousand, which is freed from end to end.
// expect: ends|memory
let last = null
for (let count = 0; count < 1e5; count++) last = { last }
last = null
Lit.Actions.setResponse({ response: 'alive' })
