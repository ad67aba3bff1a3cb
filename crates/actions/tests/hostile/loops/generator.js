// Iterates a generator that never ends.
// expect: timeout
function* endless() {
    while (true) yield 1
}
for (const _ of endless()) {
}
