// Fills memory to the last byte and then logs, fetches and signs.
// expect: memory|thrown|ends
// signs: 3
const all = []
for (let size = 1 << 20; size >= 8; size >>= 1) {
    try {
        while (true) all.push(new Uint8Array(size))
    } catch {}
}
for (let count = 0; count < 3; count++) {
    try {
        console.log('full')
        fetch(`${server}bytes/1000`).catch(() => {})
        Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' }).catch(
            () => {},
        )
    } catch {}
}
