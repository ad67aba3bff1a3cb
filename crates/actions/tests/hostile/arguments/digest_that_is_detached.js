// Signs views of buffers that were given away.
// expect: ends|thrown
const bytes = new Uint8Array(32)
bytes.buffer.transfer()
for (const toSign of [bytes, bytes.buffer, new DataView(new ArrayBuffer(32), 31)]) {
    await Lit.Actions.signEcdsa({ toSign, publicKey: '04', sigName: 's' }).catch(() => {})
}
