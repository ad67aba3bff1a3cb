// Answers with few letters of many bytes.
// expect: limit
Lit.Actions.setResponse({ response: '\u{1f511}'.repeat(25 * 1024) + 'x' })
