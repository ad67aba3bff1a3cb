// Looks for a system among everything that is global, hidden names included.
// expect: ends
const harmful =
    /^(process|require|module|exports|Deno|Bun|std|os|bjson|print|load|loadScript|scriptArgs|gc|quit|exec|__.*|Worker|NodeJS|navigator)$/
const found = []
for (let object = globalThis; object; object = Object.getPrototypeOf(object)) {
    found.push(...Object.getOwnPropertyNames(object))
}
const bad = found.filter(
    (name) =>
        harmful.test(name) &&
        !/^__(proto|defineGetter|defineSetter|lookupGetter|lookupSetter)__$/.test(name),
)
const working = bad.filter((name) => {
    try {
        return typeof globalThis[name] === 'object' || new globalThis[name]('')
    } catch {
        return false
    }
})
Lit.Actions.setResponse({ response: working.length ? `ESCAPED ${working}` : 'nothing' })
