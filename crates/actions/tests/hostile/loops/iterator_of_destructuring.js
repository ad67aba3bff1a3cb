// Loops in the iterator that a destructuring asks.
// expect: timeout
const source = {
    [Symbol.iterator]() {
        return {
            next() {
                while (true) {}
            },
        }
    },
}
const [first] = source
