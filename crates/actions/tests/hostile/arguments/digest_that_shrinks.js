// Signs a view of a buffer that shrinks while the other fields are read.
// expect: ends|thrown
// signs: 1
const buffer = new ArrayBuffer(32, { maxByteLength: 64 })
const given = {
    toSign: new Uint8Array(buffer),
    get publicKey() {
        buffer.resize(1)
        return '04'
    },
    sigName: 's',
}
await Lit.Actions.signEcdsa(given).catch(() => {})
