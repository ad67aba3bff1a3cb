// Loops in Symbol.hasInstance.
// expect: timeout
const type = {
    [Symbol.hasInstance]() {
        while (true) {}
    },
}
const is = {} instanceof type
