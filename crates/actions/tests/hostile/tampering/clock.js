// Stops, turns back and breaks the clock.
// expect: ends|thrown|timeout
Date.now = () => -1
globalThis.Date = class {
    constructor() {
        throw 1
    }
}
if (globalThis.performance) performance.now = () => NaN
await new Promise((resolve) => setTimeout(resolve, 5))
