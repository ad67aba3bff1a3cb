// Deletes every global.
// expect: thrown
const names = Object.getOwnPropertyNames(globalThis)
for (const name of names) {
    try {
        delete globalThis[name]
    } catch {}
}
throw 1
