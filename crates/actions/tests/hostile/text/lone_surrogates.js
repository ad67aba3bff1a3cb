// Gives halves of letters to whatever takes text.
// expect: ends|thrown
// signs: 3
const half = '\ud800'
console.log(half, { [half]: half })
const names = { publicKey: half, sigName: half + '\udc00\udc00' }
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...names }).catch(() => {})
await Lit.Actions.ethPersonalSignMessageEcdsa({ message: half, ...names }).catch(() => {})
await fetch(`${server}bytes/1?${half}`, { method: 'POST', body: half, headers: { a: half } }).catch(
    () => {},
)
new URL(`http://x/${half}`)
new URLSearchParams(half).toString()
Lit.Actions.setResponse({ response: half })
