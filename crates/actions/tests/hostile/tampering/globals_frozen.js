// Freezes the whole world.
// expect: ends|thrown
// signs: 1
const seen = new Set()
const freeze = (value) => {
    if (Object(value) !== value || seen.has(value)) return
    seen.add(value)
    Object.freeze(value)
    for (const name of Reflect.ownKeys(value)) {
        const { value: inner, get, set } = Reflect.getOwnPropertyDescriptor(value, name) ?? {}
        for (const one of [inner, get, set]) freeze(one)
    }
    freeze(Object.getPrototypeOf(value))
}
for (const value of [Object, Array, Map, Promise, Error, JSON, console, URL, Response, Headers])
    freeze(value)
console.log({ a: 1 })
setTimeout(() => {}, 1)
await fetch(`${server}bytes/1`)
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' })
