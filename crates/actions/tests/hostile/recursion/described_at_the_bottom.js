// Throws an error whose message recurses.
// expect: thrown
const error = new Error()
Object.defineProperty(error, 'message', {
    get() {
        return error.message
    },
})
throw error
