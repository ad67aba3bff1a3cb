// Throws an error that loops when its stack is read.
// expect: timeout|thrown
const error = new Error('first')
Object.defineProperty(error, 'stack', {
    get() {
        while (true) {}
    },
})
throw error
