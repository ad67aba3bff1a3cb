// Awaits a thenable that always resolves to itself.
// expect: timeout
const then = {
    then(resolve) {
        resolve(then)
    },
}
await then
