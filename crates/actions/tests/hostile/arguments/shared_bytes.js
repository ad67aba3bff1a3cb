// Gives bytes that are shared wherever bytes are taken.
// expect: ends|thrown
// signs: 2
const bytes = new Uint8Array(new SharedArrayBuffer(32))
await Lit.Actions.signEcdsa({ toSign: bytes, publicKey: '04', sigName: 's' }).catch(() => {})
await Lit.Actions.ethPersonalSignMessageEcdsa({
    message: bytes,
    publicKey: '04',
    sigName: 's',
}).catch(() => {})
new TextDecoder().decode(bytes)
