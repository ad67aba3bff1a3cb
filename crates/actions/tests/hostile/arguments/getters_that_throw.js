// Gives every function of Lit.Actions an object whose properties throw.
// expect: ends
const thrower = new Proxy(
    {},
    {
        get() {
            throw new Error('thrown by a getter')
        },
    },
)
for (const name of Object.keys(Lit.Actions)) {
    try {
        await Lit.Actions[name](thrower, thrower, thrower)
    } catch {}
}
