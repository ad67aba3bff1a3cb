// Catches whatever a log that is too long throws.
// expect: limit
while (true) {
    try {
        console.error('x'.repeat(1000))
    } catch {}
}
