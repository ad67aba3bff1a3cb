// Signs views whose numbers are wider than bytes.
// expect: ends
// signs: 1
for (const toSign of [
    new Float64Array(4),
    new BigInt64Array(4),
    new Uint16Array(16),
    new Float64Array(32),
]) {
    await Lit.Actions.signEcdsa({ toSign, publicKey: '04', sigName: 's' }).catch(() => {})
}
