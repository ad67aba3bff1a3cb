// Takes part in exchanges under names of one byte too many.
// expect: ends
const name = 'x'.repeat(257)
let done = 0
for (const attempt of [
    () => Lit.Actions.broadcastAndCollect({ name, value: 'v' }),
    () => Lit.Actions.runOnce({ waitForResponse: true, name }, async () => 'x'),
    () => Lit.Actions.callContract({ chain: name, txn: '0x' }),
    () => Lit.Actions.getLatestNonce({ chain: 'ethereum', address: name }),
]) {
    try {
        await attempt()
        done++
    } catch {}
}
Lit.Actions.setResponse({ response: done ? 'ESCAPED' : 'refused' })
