// Reads the source of every function for a place on a machine.
// expect: ends
const seen = new Set()
let told = ''
const look = (value, depth) => {
    if (Object(value) !== value || seen.has(value) || depth > 4 || seen.size > 20000) return
    seen.add(value)
    if (typeof value === 'function') {
        const source = Function.prototype.toString.call(value)
        if (/\/(home|root|tmp|target|crates)\//.test(source)) told = source
    }
    for (const name of Reflect.ownKeys(value)) {
        try {
            look(value[name], depth + 1)
        } catch {}
    }
}
look(globalThis, 0)
Lit.Actions.setResponse({ response: told ? `ESCAPED ${told}` : 'nothing' })
