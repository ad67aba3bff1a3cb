// Loops while it is being logged.
// expect: timeout
const value = {
    toJSON() {
        while (true) {}
    },
}
console.log(value)
