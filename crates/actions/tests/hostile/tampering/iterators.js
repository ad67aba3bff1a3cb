// Breaks the iterators of arrays and maps.
// expect: thrown|timeout
const broken = {
    next() {
        throw 1
    },
}
Array.prototype[Symbol.iterator] = Map.prototype[Symbol.iterator] = () => broken
Object.getPrototypeOf([][Symbol.iterator]?.() ?? {}).next = () => ({ done: false })
console.log(1, 2)
setTimeout(() => {}, 1)
throw new Error('x')
