// Makes an array sparse, frozen and full of getters while it is spliced, joined and concatenated.
// expect: ends|thrown
for (const method of [
    'splice',
    'slice',
    'concat',
    'join',
    'indexOf',
    'includes',
    'fill',
    'copyWithin',
    'toSpliced',
    'with',
]) {
    const array = [1, 2, 3, 4, 5]
    const change = {
        valueOf() {
            array.length = 1
            array[100000] = 1
            Object.defineProperty(array, 0, { get: () => (array.length = 0), configurable: true })
            return 3
        },
        toString() {
            return `${this.valueOf()}`
        },
    }
    try {
        array[method](change, change, change)
    } catch {}
}
