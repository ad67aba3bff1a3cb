// Breaks errors before a refusal and an own error go uncaught.
// expect: thrown|refused
Object.defineProperty(Error.prototype, 'name', {
    get() {
        throw 1
    },
})
Error.prototype.toString = null
Error.stackTraceLimit = {
    valueOf() {
        throw 1
    },
}
Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's' })
throw new Error('x')
