// Asks for a hundred signatures at once and catches every refusal.
// expect: ends
// signs: 10
const sign = (_, count) =>
    Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: `s${count}` })
await Promise.allSettled(Array.from({ length: 100 }, sign))
