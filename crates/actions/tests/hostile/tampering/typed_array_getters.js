// Has views lie about their buffer, place and length.
// expect: ends|thrown
// signs: 2
const typed = Object.getPrototypeOf(Uint8Array.prototype)
for (const name of ['buffer', 'byteOffset', 'byteLength', 'length']) {
    Object.defineProperty(typed, name, { get: () => 2 ** 31 })
}
Object.defineProperty(ArrayBuffer.prototype, 'byteLength', { get: () => 2 ** 31 })
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' }).catch(
    () => {},
)
await Lit.Actions.ethPersonalSignMessageEcdsa({
    message: new Uint8Array(8),
    publicKey: '04',
    sigName: 's',
}).catch(() => {})
new TextDecoder().decode(new Uint8Array(8))
