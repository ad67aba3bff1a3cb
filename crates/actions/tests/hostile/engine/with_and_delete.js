// Deletes and changes the object of a with statement while names are looked up.
// expect: ends|thrown
const scope = {
    value: 1,
    get other() {
        delete scope.value
        return 1
    },
}
with (scope) {
    value = other + (delete scope.value, 1)
    var value = 2
}
with (new Proxy(scope, { has: (target, name) => (delete target[name], true) })) {
    try {
        value++
    } catch {}
}
