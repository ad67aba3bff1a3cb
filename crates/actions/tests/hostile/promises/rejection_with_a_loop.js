// Rejects with a value that loops when it is looked at.
// expect: timeout
const loop = () => {
    while (true) {}
}
Promise.reject(new Proxy({}, { get: loop, getPrototypeOf: loop }))
