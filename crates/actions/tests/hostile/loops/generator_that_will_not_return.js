// Breaks out of a generator whose finally loops.
// expect: timeout
function* stubborn() {
    try {
        yield 1
    } finally {
        while (true) {}
    }
}
for (const _ of stubborn()) break
