// Delegates to itself in a generator.
// expect: thrown|memory
function* deep() {
    yield* deep()
}
deep().next()
