// Sends a body of one byte more than the greatest.
// expect: ends
let sent = false
await fetch(`${server}bytes/1`, { method: 'POST', body: new Uint8Array((1 << 20) + 1) }).then(
    () => (sent = true),
    () => {},
)
Lit.Actions.setResponse({ response: sent ? 'ESCAPED' : 'refused' })
