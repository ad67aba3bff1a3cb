// Has twenty children sign, to find whether they are counted apart.
// expect: ends|thrown|limit
// signs: 10
for (let count = 0; count < 20; count++) {
    try {
        await Lit.Actions.call({ ipfsId: 'signer', params: {} })
    } catch {}
}
