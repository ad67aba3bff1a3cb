// Has the methods of texts change what is signed and answered: only its own requests.
// expect: ends|thrown
// signs: 1
String.prototype.toWellFormed = () => 'z'.repeat(300)
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' })
