// Clones values with cycles, getters, proxies and a great depth.
// expect: ends|thrown|memory
const clone = globalThis.structuredClone ?? ((value) => JSON.parse(JSON.stringify(value)))
let nested = {}
for (let count = 0; count < 1e5; count++) nested = { nested }
const cycle = { map: new Map() }
cycle.map.set(cycle, [cycle])
const values = [
    nested,
    cycle,
    new Proxy(
        {},
        {
            ownKeys: () => {
                throw 1
            },
        },
    ),
    {
        get a() {
            throw 1
        },
    },
    Array(2 ** 20),
    new Error('e'),
    Symbol(),
    () => {},
]
for (const value of values) {
    try {
        clone(value)
    } catch {}
}
