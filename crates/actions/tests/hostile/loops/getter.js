// Loops in a getter that a spread reads.
// expect: timeout
const object = {
    get value() {
        while (true) {}
    },
}
const copy = { ...object }
