// Queues calls on an async generator from all of its steps.
// expect: ends|thrown|timeout
async function* queue() {
    try {
        yield 1
        yield Promise.reject(1)
    } finally {
        generator.next().catch(() => {})
        yield 2
    }
}
let generator
for (let count = 0; count < 100; count++) {
    generator = queue()
    const calls = ['next', 'throw', 'return', 'next', 'next'].map((method) =>
        generator[method](1).catch(() => {}),
    )
    await Promise.all(calls)
}
