// Awaits an async generator that never ends.
// expect: timeout
async function* endless() {
    while (true) yield 1
}
for await (const _ of endless()) {
}
