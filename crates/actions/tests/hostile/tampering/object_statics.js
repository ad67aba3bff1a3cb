// Breaks what objects are frozen, listed and defined by.
// expect: thrown|timeout
for (const name of Object.getOwnPropertyNames(Object)) {
    try {
        Object[name] = () => {
            throw 1
        }
    } catch {}
}
console.log({ a: 1 })
fetch(`${server}bytes/1`, { headers: { a: 'b' } }).catch(() => {})
throw new Error('x')
