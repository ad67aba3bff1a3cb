// Signs by every function that signs, to find one that is counted apart.
// expect: ends|thrown|limit
// signs: 10
for (let count = 0; count < 12; count++) {
    const names = { publicKey: '04', sigName: `s${count}` }
    const toSign = new Uint8Array(32)
    await Lit.Actions.signEcdsa({ toSign, ...names }).catch(() => {})
    await Lit.Actions.ethPersonalSignMessageEcdsa({ message: 'm', ...names }).catch(() => {})
    try {
        await Lit.Actions.signAndCombineEcdsa({ toSign, ...names })
    } catch {}
}
