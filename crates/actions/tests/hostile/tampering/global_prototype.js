// Puts a proxy behind the global object that has every name.
// expect: ends|thrown|timeout
try {
    Object.setPrototypeOf(globalThis, new Proxy({}, { has: () => true, get: (_, name) => name }))
} catch {}
console.log(typeof anything)
