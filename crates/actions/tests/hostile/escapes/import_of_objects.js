// Imports names that are objects and import attributes that throw.
// expect: ends|thrown
for (const name of [
    {},
    null,
    Symbol(),
    {
        toString() {
            throw 1
        },
    },
    'a\0b',
    'x'.repeat(1e6),
]) {
    try {
        await import(name)
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
