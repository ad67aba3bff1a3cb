// Listens on the first places of every array.
// expect: ends|thrown|timeout
for (const place of [0, 1, 2]) {
    Object.defineProperty(Array.prototype, place, {
        configurable: true,
        get: () => 'heard',
        set() {},
    })
}
console.log('a', ['b'])
await fetch(`${server}bytes/1`, { headers: { a: 'b' } })
