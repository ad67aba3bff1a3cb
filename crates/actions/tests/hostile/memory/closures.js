// Keeps closures over large arrays.
// expect: memory
const all = []
while (true) {
    const kept = new Array(1000).fill(0)
    all.push(() => kept)
}
