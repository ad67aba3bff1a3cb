// Gives every function of Lit.Actions fields that throw when they become text or number.
// expect: ends|limit
// signs: 10
const value = {
    [Symbol.toPrimitive]() {
        throw new Error('no text')
    },
}
const fields = new Proxy({}, { get: () => value })
for (const name of Object.keys(Lit.Actions)) {
    try {
        await Lit.Actions[name](fields, value)
    } catch {}
}
