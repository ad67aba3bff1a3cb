// Gives every function of Lit.Actions a proxy that was revoked, and fields that were.
// expect: ends
const { proxy, revoke } = Proxy.revocable({}, {})
revoke()
const fields = new Proxy({}, { get: () => proxy, has: () => true })
for (const name of Object.keys(Lit.Actions)) {
    for (const value of [proxy, fields]) {
        try {
            await Lit.Actions[name](value, value)
        } catch {}
    }
}
