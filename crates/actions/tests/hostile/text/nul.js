// Gives NUL to whatever takes text.
// expect: ends|thrown
// signs: 2
const nul = 'a\0b'
console.log(nul, { [nul]: nul })
const names = { publicKey: nul, sigName: nul }
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...names }).catch(() => {})
await fetch(`${server}bytes/1?${nul}`, { method: nul, headers: { [nul]: nul } }).catch(() => {})
await fetch(`http://127.0.0.1\0.example/`).catch(() => {})
globalThis[nul] = nul
Lit.Actions.setResponse({ response: nul })
