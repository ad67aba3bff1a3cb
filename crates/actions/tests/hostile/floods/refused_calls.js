// Asks for what is refused, without end, and catches it.
// expect: limit
const refused = { toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's' }
while (true) await Lit.Actions.signEcdsa(refused).catch(() => {})
