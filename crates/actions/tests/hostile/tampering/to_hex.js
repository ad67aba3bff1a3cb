// Has bytes print as others, as none and as no text.
// expect: ends|thrown
// signs: 5
for (const lie of [
    '',
    'zz',
    '00'.repeat(33),
    { toString: () => '00'.repeat(32) },
    '0'.repeat(1 << 23),
]) {
    Uint8Array.prototype.toHex = () => lie
    await Lit.Actions.signEcdsa({
        toSign: new Uint8Array(32),
        publicKey: '04',
        sigName: 's',
    }).catch(() => {})
}
