// The runner defines this global before it loads the bundle and removes it afterwards. It takes and
// gives bytes as hex.
const primitives = globalThis.__primitives

/** A point of secp256k1, held as its 65-byte uncompressed encoding in hex. */
class Point {
    constructor(hex) {
        this.hex = hex
    }

    add(other) {
        return new Point(primitives.secp256k1Add(this.hex, other.hex))
    }

    encode(_encoding, compact) {
        return compact ? this.encodeCompressed() : this.hex
    }

    encodeCompressed() {
        const odd = Number.parseInt(this.hex.slice(-1), 16) % 2 === 1
        return (odd ? '03' : '02') + this.hex.slice(2, 66)
    }
}

class KeyPair {
    constructor(point, privateKey) {
        this.pub = point
        this.privateKey = privateKey
    }

    getPublic(compact, encoding) {
        return encoding ? this.pub.encode(encoding, compact) : this.pub
    }

    /** RFC 6979, low s: what elliptic calls canonical, and the only way in which ethers signs. */
    sign(digest) {
        const [r, s, recoveryParam] = primitives.secp256k1Sign(this.privateKey, digest.toHex())
        return { r, s, recoveryParam }
    }

    derive(point) {
        return primitives.secp256k1Derive(this.privateKey, point.hex)
    }
}

/** As much of elliptic's `EC` as @ethersproject/signing-key uses. Numbers are hex strings: ethers only prints them. */
export class EC {
    keyFromPrivate(bytes) {
        return new KeyPair(new Point(primitives.secp256k1PublicKey(bytes.toHex())), bytes.toHex())
    }

    keyFromPublic(bytes) {
        return new KeyPair(new Point(primitives.secp256k1Decode(bytes.toHex())))
    }

    recoverPubKey(digest, { r, s }, recoveryParam) {
        return new Point(
            primitives.secp256k1Recover(digest.toHex(), r.toHex(), s.toHex(), recoveryParam),
        )
    }
}
