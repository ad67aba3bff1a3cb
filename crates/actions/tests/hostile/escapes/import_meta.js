// Asks where it lies.
// expect: thrown
Lit.Actions.setResponse({ response: `ESCAPED ${import.meta.url}` })
