// Gives the runner's cryptography what it cannot take.
// expect: ends|thrown
const kinds = [
    '0x',
    '0x00',
    '0x' + 'ff'.repeat(32),
    '0x' + 'ff'.repeat(33),
    'zz',
    null,
    {},
    new Uint8Array(33),
    '0x04' + '00'.repeat(64),
    '0x02' + 'ff'.repeat(32),
]
for (const kind of kinds) {
    const attempts = [
        () => new ethers.utils.SigningKey(kind),
        () => new ethers.utils.SigningKey('0x' + '01'.repeat(32)).signDigest(kind),
        () => new ethers.utils.SigningKey('0x' + '01'.repeat(32)).computeSharedSecret(kind),
        () => ethers.utils.computePublicKey(kind, true),
        () => ethers.utils.SigningKey.addPoint(kind, kind),
        () => ethers.utils.recoverPublicKey(kind, { r: kind, s: kind, v: 27 }),
        () => ethers.utils.keccak256(kind),
        () => ethers.utils.sha512(kind),
        () => ethers.utils.computeHmac('sha256', kind, kind),
        () => ethers.utils.computeHmac('sha1', kind, kind),
    ]
    for (const attempt of attempts) {
        try {
            attempt()
        } catch {}
    }
}
