// Loops when anything sets a common property.
// expect: timeout|ends
const loop = () => {
    while (true) {}
}
const descriptor = { __proto__: null, set: loop, get: () => undefined, configurable: true }
for (const name of [
    'url',
    'status',
    'headers',
    'body',
    'due',
    'every',
    'callback',
    'resolve',
    'reject',
    'value',
    'done',
]) {
    Object.defineProperty(Object.prototype, name, descriptor)
}
setTimeout(() => {}, 1)
console.log({})
await fetch(`${server}bytes/1`)
