// Sends headers of one byte more than the greatest.
// expect: ends
let sent = false
await fetch(`${server}bytes/1`, { headers: { a: 'x'.repeat(32 * 1024) } }).then(
    () => (sent = true),
    () => {},
)
Lit.Actions.setResponse({ response: sent ? 'ESCAPED' : 'refused' })
