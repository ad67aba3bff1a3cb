// Asks ten thousand times at once for what is never answered.
// expect: limit|timeout
// signs: 0
const never = { toSign: new Uint8Array(32), publicKey: 'never', sigName: 's' }
for (let count = 0; count < 10000; count++) Lit.Actions.signEcdsa(never).catch(() => {})
