// Sets its response a hundred thousand times.
// expect: ends|timeout
for (let count = 0; count < 100000; count++) Lit.Actions.setResponse({ response: `${count}` })
