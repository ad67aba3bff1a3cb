// Listens in JSON.parse for what a response or an answer says.
// expect: ends|thrown|timeout
const real = JSON.parse
JSON.parse = (...values) => {
    const parsed = real(...values)
    return new Proxy(Object(parsed), {
        get: (target, name) => (name === 'then' ? undefined : target[name]),
    })
}
await Lit.Actions.getPermittedActions?.({ tokenId: '1' }).catch?.(() => {})
await (await fetch(`${server}json`)).json()
