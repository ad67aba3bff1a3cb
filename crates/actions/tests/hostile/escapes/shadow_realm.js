// Makes a world of its own.
// expect: ends|thrown
try {
    const realm = new ShadowRealm()
    realm.evaluate('globalThis.process?.exit()')
} catch {}
