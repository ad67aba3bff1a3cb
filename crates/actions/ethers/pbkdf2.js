import { arrayify } from '@ethersproject/bytes'
import { computeHmac } from '@ethersproject/sha2'
// The runner defines this global before it loads the bundle and removes it afterwards. It takes and
// gives bytes as hex.
const primitives = globalThis.__primitives

export function pbkdf2(password, salt, iterations, keylen, hashAlgorithm) {
    // Throws what ethers throws for an algorithm that it does not know.
    computeHmac(hashAlgorithm, password, salt)
    return (
        '0x' +
        primitives.pbkdf2(
            hashAlgorithm,
            arrayify(password).toHex(),
            arrayify(salt).toHex(),
            Math.max(1, iterations),
            keylen,
        )
    )
}
