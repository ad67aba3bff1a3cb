// Loops when the runner looks a global up.
// expect: timeout|ends
for (const name of ['Map', 'Promise', 'Error', 'JSON', 'Object', 'Array', 'Symbol', 'Uint8Array']) {
    Object.defineProperty(globalThis, name, {
        get() {
            while (true) {}
        },
    })
}
console.log(1)
