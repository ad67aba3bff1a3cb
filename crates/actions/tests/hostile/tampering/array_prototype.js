// Breaks the methods of arrays, then logs, fetches and throws.
// expect: thrown|timeout
for (const name of Object.getOwnPropertyNames(Array.prototype)) {
    try {
        Array.prototype[name] = () => {
            throw 1
        }
    } catch {}
}
console.log([1])
fetch(`${server}bytes/1`).catch(() => {})
throw new Error('x')
