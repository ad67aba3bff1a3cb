// Gives every function of Lit.Actions fields of one kind after the other.
// expect: ends|limit
// signs: 10
const fields =
    'toSign publicKey sigName message response ipfsId params chain txn address tokenId authMethodType userId maxScopeId name value waitForResponse symmetricKey ciphertext keyId'
const kinds = [
    null,
    0,
    -1,
    2 ** 53,
    NaN,
    1n,
    true,
    Symbol('s'),
    [],
    {},
    () => {},
    new Date(NaN),
    /x/,
    new Map(),
    new Uint8Array(32),
    Object.create(null),
]
for (const name of Object.keys(Lit.Actions)) {
    for (const kind of kinds) {
        const given = Object.fromEntries(fields.split(' ').map((field) => [field, kind]))
        try {
            await Lit.Actions[name](given, kind)
        } catch {}
    }
}
