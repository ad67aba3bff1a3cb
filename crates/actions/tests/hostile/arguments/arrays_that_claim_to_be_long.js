// Gives arrays of the greatest length wherever bytes are taken.
// expect: timeout|memory|thrown
const sparse = Array(2 ** 32 - 1)
await Lit.Actions.signEcdsa({ toSign: sparse, publicKey: '04', sigName: 's' }).catch(() => {})
await Lit.Actions.ethPersonalSignMessageEcdsa({
    message: sparse,
    publicKey: '04',
    sigName: 's',
}).catch(() => {})
while (true) {}
