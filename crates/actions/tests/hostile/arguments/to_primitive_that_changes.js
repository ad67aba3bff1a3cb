// Gives names that are another each time they become text.
// expect: ends
// signs: 2
let turn = 0
const name = { toString: () => (turn++ ? 'x'.repeat(300) : 's') }
for (const names of [
    { publicKey: name, sigName: 's' },
    { publicKey: '04', sigName: name },
]) {
    await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...names }).catch(() => {})
}
