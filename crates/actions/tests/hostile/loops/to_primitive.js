// Loops where a number is expected.
// expect: timeout
const number = {
    [Symbol.toPrimitive]() {
        while (true) {}
    },
}
Math.max(1, number)
