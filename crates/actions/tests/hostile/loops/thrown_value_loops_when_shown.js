// Throws a value that loops in whatever is asked of it to show it.
// expect: timeout
const loop = () => {
    while (true) {}
}
throw new Proxy({}, { get: loop, has: loop, ownKeys: loop, getPrototypeOf: loop })
