// Awaits what never settles: nothing is left to do, so the action ends.
// expect: ends
await { then() {} }
