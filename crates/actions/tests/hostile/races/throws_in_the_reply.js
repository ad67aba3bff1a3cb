// Throws as soon as a reply comes, while others are on their way.
// expect: thrown
// signs: 5
for (let count = 0; count < 5; count++) {
    Lit.Actions.signEcdsa({
        toSign: new Uint8Array(32),
        publicKey: '04',
        sigName: `s${count}`,
    }).then(() => {
        throw new Error('in the reply')
    })
}
