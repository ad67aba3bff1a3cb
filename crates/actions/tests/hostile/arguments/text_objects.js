// Gives texts that are objects, with a length and methods of their own.
// expect: ends
// signs: 2
class Text extends String {
    get length() {
        return 1
    }
    toWellFormed() {
        return 'x'.repeat(300)
    }
}
const text = new Text('x'.repeat(300))
for (const names of [
    { publicKey: text, sigName: 's' },
    { publicKey: '04', sigName: text },
]) {
    await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...names }).catch(() => {})
}
try {
    await Lit.Actions.setResponse({ response: text })
} catch {}
