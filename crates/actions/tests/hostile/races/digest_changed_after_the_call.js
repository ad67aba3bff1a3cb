// Changes the digest after it has asked for its signature.
// expect: ends
// signs: 1
const toSign = new Uint8Array(32)
const wait = Lit.Actions.signEcdsa({ toSign, publicKey: '04', sigName: 's' })
toSign.fill(255)
toSign.buffer.transfer(0)
await wait
