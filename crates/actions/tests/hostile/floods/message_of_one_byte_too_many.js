// Signs a message of one byte more than the greatest.
// expect: ends
let signed = false
for (const message of ['m'.repeat((1 << 20) + 1), new Uint8Array((1 << 20) + 1)]) {
    await Lit.Actions.ethPersonalSignMessageEcdsa({ message, publicKey: '04', sigName: 's' }).then(
        () => (signed = true),
        () => {},
    )
}
Lit.Actions.setResponse({ response: signed ? 'ESCAPED' : 'refused' })
