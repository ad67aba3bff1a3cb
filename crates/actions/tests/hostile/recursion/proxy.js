// Reads through a proxy that reads through itself.
// expect: thrown
const proxy = new Proxy({}, { get: (_, name) => proxy[name] })
proxy.value
