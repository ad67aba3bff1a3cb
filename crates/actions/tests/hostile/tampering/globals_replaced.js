// Replaces every global by one function that throws.
// expect: thrown|timeout|ends
const replaced = () => {
    throw 1
}
const { signEcdsa } = Lit.Actions
for (const name of Object.getOwnPropertyNames(globalThis)) {
    try {
        globalThis[name] = replaced
    } catch {}
}
signEcdsa({ toSign: 1 })
