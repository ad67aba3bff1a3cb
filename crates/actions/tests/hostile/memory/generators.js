// Keeps generators that have begun.
// expect: memory
function* begun() {
    const kept = new Array(100).fill(0)
    yield kept
    return kept
}
const all = []
while (true) {
    const generator = begun()
    generator.next()
    all.push(generator)
}
