// Replaces the console while it logs.
// expect: ends|thrown
const real = console.log
const value = {
    toJSON() {
        globalThis.console = { log: real }
        console.log = null
        delete globalThis.console
        return 'x'
    },
}
console.log(value, value)
