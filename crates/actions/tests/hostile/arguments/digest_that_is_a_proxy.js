// Signs an array that is a proxy and another one at each look.
// expect: ends|thrown
// signs: 3
let looks = 0
const toSign = new Proxy(new Array(32).fill(0), {
    get: (target, name) =>
        name === 'length'
            ? 32
            : typeof name === 'string' && name >= 0
              ? looks++ * 1000
              : target[name],
})
for (let count = 0; count < 3; count++) {
    await Lit.Actions.signEcdsa({ toSign, publicKey: '04', sigName: 's' }).catch(() => {})
}
