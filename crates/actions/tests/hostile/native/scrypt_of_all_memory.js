// Asks for a key derivation that fills all memory.
// expect: timeout|thrown|memory|limit
await ethers.utils.defaultAbiCoder
const scrypt = ethers.utils.json_wallets?.scrypt
const secret = {
    Crypto: {
        kdf: 'scrypt',
        kdfparams: { n: 2 ** 30, r: 64, p: 64, dklen: 32, salt: '00'.repeat(32) },
    },
}
const wallet = {
    version: 3,
    id: '00000000-0000-4000-8000-000000000000',
    address: '00'.repeat(20),
    crypto: {
        ...secret.Crypto,
        cipher: 'aes-128-ctr',
        cipherparams: { iv: '00'.repeat(16) },
        ciphertext: '00'.repeat(32),
        mac: '00'.repeat(32),
    },
}
await ethers.Wallet.fromEncryptedJson(JSON.stringify(wallet), 'x')
