// Breaks weak maps, by which an error tells of its call, and lets a refusal go uncaught.
// expect: thrown|refused
WeakMap.prototype.get = WeakMap.prototype.set = () => {
    throw 1
}
WeakMap.prototype.has = () => true
await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's' })
