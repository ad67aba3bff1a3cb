// Joins iterators that return, throw and end while they are joined.
// expect: ends|thrown
const source = {
    [Symbol.iterator]() {
        return {
            next: () => ({
                get done() {
                    joined?.return?.()
                    return false
                },
                value: 1,
            }),
            return: () => joined?.next?.(),
        }
    },
}
let joined = Iterator.concat?.(source, [1], source)
for (let count = 0; count < 10; count++) {
    try {
        joined?.next()
    } catch {}
}
