// Throws an error that loops when its message is read.
// expect: timeout
const error = new Error()
Object.defineProperty(error, 'message', {
    get() {
        while (true) {}
    },
})
throw error
