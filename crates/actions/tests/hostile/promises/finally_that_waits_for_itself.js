// Waits in a finally for the promise that the finally belongs to.
// expect: ends
const wait = Promise.resolve().finally(() => wait)
await wait
