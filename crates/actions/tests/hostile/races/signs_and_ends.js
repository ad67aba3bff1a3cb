// Ends in the turn in which it asks for signatures.
// expect: ends
// signs: 10
for (let count = 0; count < 10; count++) {
    Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: `s${count}` })
}
