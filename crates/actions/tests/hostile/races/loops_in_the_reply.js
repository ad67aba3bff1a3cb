// Loops as soon as a reply comes, so that no other is ever read.
// expect: timeout
// signs: 10
for (let count = 0; count < 10; count++) {
    Lit.Actions.signEcdsa({
        toSign: new Uint8Array(32),
        publicKey: '04',
        sigName: `s${count}`,
    }).then(() => {
        while (true) {}
    })
}
