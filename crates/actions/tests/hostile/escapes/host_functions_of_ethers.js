// Looks for the runner's own functions behind ethers.
// expect: ends
const seen = new Set()
const found = []
const look = (value, depth) => {
    if (Object(value) !== value || seen.has(value) || depth > 6) return
    seen.add(value)
    for (const name of Reflect.ownKeys(value)) {
        if (/^(secp256k1Sign|respond|parseUrl|utf8Decode|__primitives)$/.test(String(name)))
            found.push(name)
        try {
            const inner = value[name]
            if (inner instanceof Promise) inner.catch(() => {})
            look(inner, depth + 1)
        } catch {}
    }
}
look(ethers, 0)
look(globalThis, 0)
Lit.Actions.setResponse({ response: found.length ? `ESCAPED ${found.join()}` : 'nothing' })
