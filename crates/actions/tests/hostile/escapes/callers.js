// Walks from a callback to whoever calls it.
// expect: ends
const found = []
function walk() {
    for (const read of [() => walk.caller, () => arguments.callee.caller, () => walk.arguments]) {
        try {
            found.push(read())
        } catch {}
    }
    return 1
}
const value = { toString: walk, toJSON: walk, valueOf: walk }
console.log(value)
setTimeout(walk, 1)
Lit.Actions.setResponse({ response: 'x' }).then?.(walk)
await fetch(value).catch(() => {})
const functions = found.filter((one) => typeof one === 'function' && one !== walk)
Lit.Actions.setResponse({ response: functions.length ? 'ESCAPED' : 'nothing' })
