// Gives children parameters that cannot be JSON, or that would replace their globals.
// expect: ends|limit|thrown
const cycle = {}
cycle.self = cycle
const all = [
    cycle,
    { a: 1n },
    {
        toJSON: () => {
            throw 1
        },
    },
    { Lit: 1 },
    { fetch: 1 },
    'x',
    [],
    null,
    { a: 'x'.repeat(1 << 20) },
    JSON.parse('{"__proto__": 1}'),
]
for (const params of all) {
    try {
        await Lit.Actions.call({ ipfsId: 'plain', params })
    } catch {}
}
