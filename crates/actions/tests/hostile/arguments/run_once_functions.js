// Has one node run functions that throw, return strange values or are none.
// expect: ends|limit|thrown
const results = [
    () => {
        throw 1
    },
    () => null,
    () => undefined,
    () => ({ toString: null }),
    () => Symbol(),
    () => ({ then: 1 }),
    async () => 'x'.repeat(200000),
    null,
    'text',
    {},
]
for (const result of results) {
    try {
        await Lit.Actions.runOnce({ waitForResponse: true, name: 'mine' }, result)
    } catch {}
}
