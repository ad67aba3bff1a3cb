// Answers with one byte more than it may.
// expect: limit
Lit.Actions.setResponse({ response: 'x'.repeat(100 * 1024 + 1) })
