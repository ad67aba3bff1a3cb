// Signs under a name that is short in letters and too long in bytes.
// expect: ends
const long = '\u00e9'.repeat(128) + 'x'
const names = { publicKey: '04', sigName: long }
let refused = false
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...names }).catch(() => (refused = true))
Lit.Actions.setResponse({ response: refused ? 'refused' : 'ESCAPED' })
