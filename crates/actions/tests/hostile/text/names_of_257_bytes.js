// Signs under names and keys of one byte too many.
// expect: ends
const long = 'x'.repeat(257)
const refused = []
for (const names of [
    { publicKey: long, sigName: 's' },
    { publicKey: '04', sigName: long },
]) {
    await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...names }).catch((error) =>
        refused.push(error.message),
    )
}
Lit.Actions.setResponse({ response: refused.length === 2 ? 'refused' : 'ESCAPED' })
