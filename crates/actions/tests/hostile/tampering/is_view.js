// Says that everything is a view and every array one of bytes.
// expect: ends|thrown
// signs: 3
ArrayBuffer.isView = Array.isArray = Number.isInteger = () => true
Array.prototype.every = () => true
for (const toSign of [{}, 'x'.repeat(32), { length: 32, buffer: 1 }, [1e9, -1, NaN], null]) {
    await Lit.Actions.signEcdsa({ toSign, publicKey: '04', sigName: 's' }).catch(() => {})
}
