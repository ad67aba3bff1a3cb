// Catches whatever would interrupt the loop.
// expect: timeout
for (;;) {
    try {
        throw 1
    } catch {
        continue
    }
}
