// Signs under names that are properties of every object.
// expect: ends
// signs: 4
for (const sigName of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName })
}
