// Listens on every object for the names that the runner sets.
// expect: ends|thrown|timeout
// signs: 1
const heard = []
for (const name of [
    'resolve',
    'reject',
    'callback',
    'values',
    'due',
    'every',
    'code',
    'retryable',
    'sign',
    'fetch',
    'log',
    'respond',
]) {
    Object.defineProperty(Object.prototype, name, {
        configurable: true,
        get() {
            heard.push(this)
        },
        set(value) {
            heard.push(this, value)
            Object.defineProperty(this, name, { value, writable: true, configurable: true })
        },
    })
}
setTimeout(() => {}, 1)
await fetch(`${server}bytes/1`)
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' })
for (const one of heard) one?.sign?.('raw', '00'.repeat(32), '04', 's')
