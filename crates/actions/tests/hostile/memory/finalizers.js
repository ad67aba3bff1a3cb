// Registers finalizers without end.
// expect: memory|timeout
const registry = new FinalizationRegistry(() => {})
const kept = []
while (true) {
    const target = {}
    kept.push(target)
    registry.register(target, new Array(100))
}
