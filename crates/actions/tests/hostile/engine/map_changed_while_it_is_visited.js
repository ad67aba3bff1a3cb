// Clears and fills maps and sets while they are visited.
// expect: ends|thrown
const map = new Map([
    [1, 1],
    [2, 2],
])
let visits = 0
map.forEach((_, key) => {
    map.clear()
    if (visits++ < 10000) map.set({}, key).set(key, 1)
})
const set = new Set([1, 2, 3])
for (const value of set) {
    set.delete(value)
    if (visits++ < 20000) set.add({})
}
const other = { size: 3, has: () => set.clear(), keys: () => set.values() }
for (const method of ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf']) {
    try {
        new Set([1, 2, 3])[method]?.(other)
    } catch {}
}
