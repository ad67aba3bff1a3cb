// Breaks promises.
// expect: thrown|timeout
Promise.prototype.then = null
Promise.prototype.catch = () => 1
Promise.resolve = Promise.reject = null
globalThis.Promise = undefined
fetch(`${server}bytes/1`)
throw new Error('x')
