// Has children fill their memory, one after the other, and takes no notice.
// expect: ends|thrown|limit
for (let count = 0; count < 3; count++) {
    try {
        await Lit.Actions.call({ ipfsId: 'memory', params: {} })
    } catch {}
}
