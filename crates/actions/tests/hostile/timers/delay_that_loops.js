// Gives a delay that loops when it is read.
// expect: timeout
const delay = {
    valueOf() {
        while (true) {}
    },
}
setTimeout(() => {}, delay)
