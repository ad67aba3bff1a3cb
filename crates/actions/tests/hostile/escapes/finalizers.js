// Waits for the collector to call a finalizer after the end.
// expect: ends|timeout
const registry = new FinalizationRegistry(() => {
    while (true) {}
})
for (let count = 0; count < 1000; count++) registry.register({}, count)
const weak = new WeakRef({})
await new Promise((resolve) => setTimeout(resolve, 20))
weak.deref()
