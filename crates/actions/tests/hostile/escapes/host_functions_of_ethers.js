// Looks for the runner's own functions behind ethers.
// expect: ends
const seen = new Set()
const found = []
const look = (value, depth) => {
    if (Object(value) !== value || seen.has(value) || depth > 6) return
    seen.add(value)
    for (const name of Reflect.ownKeys(value)) {
        if (/^(secp256k1Sign|respond|parseUrl|utf8Decode|__primitives)$/.test(String(name))) found.push(name)
        look(Object.getOwnPropertyDescriptor(value, name).value, depth + 1)
    }
}
look(ethers, 0)
look(globalThis, 0)
Lit.Actions.setResponse({ response: found.length ? `ESCAPED ${found.join()}` : 'nothing' })
