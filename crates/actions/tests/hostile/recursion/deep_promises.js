// Resolves a promise with a promise fifty thousand deep.
// expect: ends|memory|thrown
let promise = Promise.resolve(1)
for (let count = 0; count < 50000; count++) {
    const inner = promise
    promise = new Promise((resolve) => resolve(inner))
}
await promise
