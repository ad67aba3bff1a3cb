// Asks for what is refused and for what is not, at once, and catches neither.
// expect: refused|thrown
// signs: 3
for (let count = 0; count < 3; count++) {
    Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: `s${count}` })
    Lit.Actions.signEcdsa({
        toSign: new Uint8Array(32),
        publicKey: 'refused',
        sigName: `r${count}`,
    })
}
