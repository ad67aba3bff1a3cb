// Answers every trap of a proxy with what must not be.
// expect: ends
const handlers = {
    getPrototypeOf: () => 1,
    ownKeys: () => ['a', 'a', 1],
    getOwnPropertyDescriptor: () => ({ value: 1, configurable: false }),
    defineProperty: () => true,
    deleteProperty: () => true,
    isExtensible: () => true,
    preventExtensions: () => true,
    get: () => 2,
    has: () => false,
}
const proxy = new Proxy(Object.freeze({ b: 1 }), handlers)
const attempts = [
    () => Object.keys(proxy),
    () => ({ ...proxy }),
    () => proxy.b,
    () => 'b' in proxy,
    () => delete proxy.b,
    () => Object.preventExtensions(proxy),
    () => Object.getPrototypeOf(proxy),
    () => Object.getOwnPropertyDescriptors(proxy),
    () => structuredClone(proxy),
    () => console.log(proxy),
]
for (const attempt of attempts) {
    try {
        attempt()
    } catch {}
}
