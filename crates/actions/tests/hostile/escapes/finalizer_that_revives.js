// Keeps in a finalizer what was given up, and registers it again.
// expect: ends|timeout|memory
const kept = []
const registry = new FinalizationRegistry((value) => {
    kept.push(value)
    registry.register({}, [value])
    new WeakRef(value)
})
for (let count = 0; count < 10000; count++) registry.register({}, { count })
await new Promise((resolve) => setTimeout(resolve, 20))
