// A script of cases for each primitive, drawn from `seed`. Node runs it with stock ethers
// (js/tests/stock), a runner with its own. Parameters: `primitive`, `seed`, `count`, and `given`,
// which is what only stock ethers can make.

const { utils, BigNumber, Wallet } = ethers

let state = seed >>> 0
/** Mulberry32: the same numbers wherever it runs. */
const draw = (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
}
const bytes = (length) => Uint8Array.from({ length }, () => draw(256))
const pick = (choices) => choices[draw(choices.length)]

const ORDER = BigNumber.from('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
const FIELD = BigNumber.from('0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f')
const word = (number) => utils.hexZeroPad(BigNumber.from(number).toHexString(), 32)
const EDGES = [
    0,
    1,
    2,
    ORDER.sub(1),
    ORDER,
    ORDER.add(1),
    ORDER.shr(1),
    ORDER.shr(1).add(1),
    FIELD.sub(ORDER),
    FIELD,
    FIELD.add(5),
].map(word)
const ONES = '0x' + 'ff'.repeat(32)

/** One in eight is an edge of the field or of the group. */
const scalar = () => (draw(8) === 0 ? pick([...EDGES, ONES]) : utils.hexlify(bytes(32)))
/** Lengths around those of the blocks of a hash too. */
const message = () =>
    bytes(
        draw(4) === 0
            ? pick([0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 127, 128, 129, 135, 136, 137])
            : draw(300),
    )
const valid = () => utils.hexlify(bytes(32))
const point = (isShort) => utils.computePublicKey(valid(), isShort)
/** A point of the curve, or what looks like one. Coordinates that no field element has are left out: stock ethers takes some. */
const pointLike = () => {
    const kinds = [
        () => point(true),
        () => point(false),
        () => point(true),
        () => pick(['0x02', '0x03', '0x05']) + utils.hexlify(bytes(32)).slice(2),
    ]
    return pick([...kinds, () => utils.hexlify(bytes(pick([0, 1, 31, 34, 64, 66])))])()
}
/** A number as signatures have them. Stock ethers recovers something from others too; the runner, as Ethereum, refuses those. */
const ofSignature = () => {
    const number = scalar()
    const isOne = BigNumber.from(number).gt(0) && BigNumber.from(number).lt(ORDER)
    return isOne ? number : valid()
}
const cases = {
    keccak256: () => utils.keccak256(message()),
    sha256: () => utils.sha256(message()),
    sha512: () => utils.sha512(message()),
    ripemd160: () => utils.ripemd160(message()),
    hmac: () => utils.computeHmac(pick(['sha256', 'sha512']), message(), message()),
    publicKey: () => {
        const key = new utils.SigningKey(draw(16) === 0 ? utils.hexlify(bytes(draw(40))) : scalar())
        return [key.publicKey, key.compressedPublicKey]
    },
    decode: () => {
        const encoded = pointLike()
        return [utils.computePublicKey(encoded, true), utils.computePublicKey(encoded)]
    },
    sign: () => {
        const key = new utils.SigningKey(scalar())
        const digest = draw(16) === 0 ? bytes(draw(40)) : scalar()
        return utils.joinSignature(key.signDigest(digest))
    },
    recover: () => {
        const digest = scalar()
        if (draw(2) === 0)
            return utils.recoverPublicKey(digest, {
                r: ofSignature(),
                s: ofSignature(),
                v: 27 + draw(2),
            })
        const { r, s, v } = new utils.SigningKey(valid()).signDigest(digest)
        // The other signature of the same, with its high s.
        const isHigh = draw(4) === 0
        return utils.recoverPublicKey(
            digest,
            isHigh ? { r, s: word(ORDER.sub(s)), v: 55 - v } : { r, s, v },
        )
    },
    add: () => {
        const key = new utils.SigningKey(valid())
        const opposite = word(ORDER.sub(BigNumber.from(key.privateKey).mod(ORDER)))
        const others = [
            () => point(true),
            () => point(false),
            () => key.publicKey,
            () => utils.computePublicKey(opposite),
        ]
        return key._addPoint(pick(others)())
    },
    sharedSecret: () => new utils.SigningKey(valid()).computeSharedSecret(pointLike()),
    tree: () => {
        const node = utils.HDNode.fromSeed(bytes(16 + draw(49)))
        const path = Array.from({ length: draw(4) }, () => draw(2 ** 31) + pick(['', "'"]))
        const { privateKey, publicKey, chainCode, extendedKey } = node.derivePath(
            ['m', ...path].join('/'),
        )
        return [
            privateKey,
            publicKey,
            chainCode,
            extendedKey,
            node.neuter().derivePath(`${draw(1000)}`).address,
        ]
    },
    scrypt: async () => {
        const [N, r, p] = [2 ** (1 + draw(5)), 1 + draw(8), 1 + draw(3)]
        const options = { salt: bytes(32), iv: bytes(16), uuid: bytes(16), scrypt: { N, r, p } }
        const wallet = await new Wallet(valid()).encrypt(utils.hexlify(bytes(draw(40))), options)
        return JSON.parse(wallet).crypto
    },
    pbkdf2: (index) => new Wallet(Wallet.fromEncryptedJsonSync(...given[index]).privateKey).address,
}

const run = async () => {
    const results = []
    for (let index = 0; index < count; index++) {
        try {
            results.push(await cases[primitive](index))
        } catch (error) {
            results.push(['threw', error.name, error.code ?? null, error.reason ?? null])
        }
    }
    Lit.Actions.setResponse({ response: JSON.stringify(results) })
}
run()
