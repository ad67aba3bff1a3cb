// Claims in every place to be another action.
// expect: ends|thrown
// signs: 1
globalThis.ipfsId = 'QmForged'
const forged = {
    publicKey: '04',
    sigName: 's',
    cid: 'QmForged',
    ipfsId: 'QmForged',
    actionIpfsIds: ['QmForged'],
}
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), ...forged })
