// Drops without end from an iterator that never ends.
// expect: timeout|thrown
const endless = {
    __proto__: Iterator.prototype,
    next: () => ({ value: 1, done: false }),
}
endless.drop(2 ** 52).next()
