// Resumes, returns and throws into a generator from within it.
// expect: ends|thrown
let generator
function* enter() {
    for (const method of ['next', 'return', 'throw']) {
        try {
            generator[method](1)
        } catch {}
    }
    try {
        yield 1
    } finally {
        try {
            generator.return()
        } catch {}
        yield 2
    }
}
for (let count = 0; count < 100; count++) {
    generator = enter()
    generator.next()
    generator.return()
    generator.next()
}
