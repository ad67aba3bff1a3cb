// Signs once more than it may.
// expect: limit
// signs: 10
for (let count = 0; count < 11; count++) {
    await Lit.Actions.signEcdsa({
        toSign: new Uint8Array(32),
        publicKey: '04',
        sigName: `s${count}`,
    })
}
