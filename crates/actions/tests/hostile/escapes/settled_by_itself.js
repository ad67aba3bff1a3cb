// Looks for a way to settle the calls that wait.
// expect: ends|timeout|thrown
// signs: 1
const wait = Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: 'never', sigName: 's' })
for (const name of Reflect.ownKeys(wait)) wait[name]?.()
Promise.resolve.call(function (executor) {
    executor(
        () => {},
        () => {},
    )
}, wait)
wait.constructor = {
    [Symbol.species]: function (executor) {
        executor(
            () => {},
            () => {},
        )
    },
}
wait.then(
    () => Lit.Actions.setResponse({ response: 'ESCAPED' }),
    () => {},
)
