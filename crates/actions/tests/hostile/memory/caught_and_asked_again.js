// Catches being out of memory fifty times, then lets go.
// expect: ends
const all = []
let caught = 0
while (caught < 50) {
    try {
        while (true) all.push(new Uint8Array(1 << 20))
    } catch {
        caught++
    }
}
all.length = 0
Lit.Actions.setResponse({ response: 'alive' })
