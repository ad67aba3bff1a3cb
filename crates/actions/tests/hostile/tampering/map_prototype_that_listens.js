// Listens in the methods of maps for what the runner keeps there, and settles what it finds.
// expect: ends|thrown|timeout
// signs: 1
const found = []
for (const name of ['get', 'set', 'has', 'delete']) {
    const real = Map.prototype[name]
    Map.prototype[name] = function (...values) {
        found.push(this, ...values)
        return Reflect.apply(real, this, values)
    }
}
const wait = Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: 'never', sigName: 's' })
for (const one of found) {
    if (typeof one?.resolve === 'function') one.resolve('forged')
    if (one instanceof Map) one.clear()
}
await Promise.race([wait, new Promise((resolve) => setTimeout(resolve, 50))])
