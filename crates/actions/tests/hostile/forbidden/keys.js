// Asks for a share, a key and what this node signs with.
// expect: ends|thrown
const names = [
    'getShare',
    'exportKey',
    'getKey',
    'sign',
    'signBls',
    'getPrivateKey',
    'getNodeKey',
    'eciesKey',
]
for (const name of names) {
    try {
        const value = await Lit.Actions[name]()
        Lit.Actions.setResponse({ response: `ESCAPED ${value}` })
    } catch {}
}
