// Fetches URLs longer than any frame.
// expect: ends
let sent = false
for (const length of [1 << 18, 1 << 21, 1 << 22]) {
    await fetch(`${server}${'x'.repeat(length)}`).then(
        () => (sent = true),
        () => {},
    )
    await fetch(`${server}bytes/1`, { method: 'X'.repeat(length) }).then(
        () => (sent = true),
        () => {},
    )
}
Lit.Actions.setResponse({ response: sent ? 'ESCAPED' : 'refused' })
