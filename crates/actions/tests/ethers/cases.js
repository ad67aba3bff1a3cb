// A script of ethers calls. Node runs it with stock ethers 5.7.2 (js/tests/stock), a runner with its
// own; both must answer alike.

const { utils, Wallet, BigNumber } = ethers
const answers = {}
const record = (name, compute) => {
    try {
        answers[name] = compute()
    } catch (error) {
        answers[name] = ['threw', error.reason ?? null]
    }
}

let state = 7
const random = (length) =>
    Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0
        return state >>> 24
    })

const ORDER = BigNumber.from('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
const word = (number) => utils.hexZeroPad(BigNumber.from(number).toHexString(), 32)

for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 135, 136, 137, 1000]) {
    const data = random(length)
    for (const hash of ['keccak256', 'sha256', 'sha512', 'ripemd160'])
        record(`${hash} ${length}`, () => utils[hash](data))
    for (const algorithm of ['sha256', 'sha512']) {
        record(`hmac ${algorithm} ${length}`, () =>
            utils.computeHmac(algorithm, random(length % 200), data),
        )
    }
}
record('hmac unknown', () => utils.computeHmac('md5', '0x', '0x'))

const digests = [
    word(0),
    word(1),
    word(ORDER.sub(1)),
    word(ORDER),
    word(ORDER.add(1)),
    '0x' + 'ff'.repeat(32),
]
const keys = [word(1), word(2), word(ORDER.sub(1)), word(ORDER.add(5)), '0x' + 'ff'.repeat(32)]
for (let count = 0; count < 12; count++) {
    digests.push(utils.hexlify(random(32)))
    keys.push(utils.hexlify(random(32)))
}
keys.forEach((key, index) => {
    const signing = new utils.SigningKey(key)
    const other = new utils.SigningKey(keys[(index + 1) % keys.length])
    record(`public ${index}`, () => [
        signing.publicKey,
        signing.compressedPublicKey,
        utils.computeAddress(key),
    ])
    record(`shared ${index}`, () => signing.computeSharedSecret(other.publicKey))
    record(`added ${index}`, () => signing._addPoint(other.compressedPublicKey))
    digests.forEach((digest, number) => {
        record(`signed ${index} ${number}`, () => {
            const signature = signing.signDigest(digest)
            const recovered = [
                utils.recoverAddress(digest, signature),
                utils.recoverPublicKey(digest, signature),
            ]
            return utils.id(
                [utils.joinSignature(signature), signature.yParityAndS, ...recovered].join(),
            )
        })
    })
})
for (const [name, key] of Object.entries({
    zero: word(0),
    order: word(ORDER),
    short: '0x01',
    long: '0x' + '01'.repeat(33),
})) {
    record(`refused key ${name}`, () => typeof new utils.SigningKey(key))
}
const publicKey = new utils.SigningKey(keys[6]).publicKey
for (const compressed of [true, false]) {
    record(`computed from private ${compressed}`, () => utils.computePublicKey(keys[6], compressed))
    record(`computed from full ${compressed}`, () => utils.computePublicKey(publicKey, compressed))
    record(`computed from short ${compressed}`, () =>
        utils.computePublicKey(utils.computePublicKey(publicKey, true), compressed),
    )
}
record('refused point', () => utils.computePublicKey('0x05' + '01'.repeat(64), true))
record('refused digest', () => new utils.SigningKey(keys[0]).signDigest('0x01'))
record(
    'unrecoverable',
    () => typeof utils.recoverAddress(digests[6], { r: word(5), s: word(5), v: 27 }),
)

const wallet = new Wallet(keys[6])
const transfer = {
    to: wallet.address,
    nonce: 1,
    gasLimit: 21000,
    value: utils.parseEther('1.5'),
    chainId: 31337,
}
const typed = {
    domain: { name: 'Mail', version: '1', chainId: 1, verifyingContract: wallet.address },
    types: {
        Mail: [
            { name: 'to', type: 'address' },
            { name: 'contents', type: 'string' },
        ],
    },
    value: { to: wallet.address, contents: 'h\u00e9llo' },
}
record('hash of typed data', () =>
    utils._TypedDataEncoder.hash(typed.domain, typed.types, typed.value),
)
record('unsigned transaction', () =>
    utils.serializeTransaction({ ...transfer, type: 2, maxFeePerGas: 7, maxPriorityFeePerGas: 3 }),
)
record('hash of message', () => utils.hashMessage('h\u00e9llo'))
record('encoded', () =>
    new utils.Interface([
        'function f(uint256 a, bytes b, (string s, address[] t) c)',
    ]).encodeFunctionData('f', [
        '12345678901234567890',
        '0x0102',
        { s: 'text', t: [wallet.address] },
    ]),
)
record('decoded', () =>
    String(
        utils.defaultAbiCoder.decode(
            ['string', 'uint8[]'],
            utils.defaultAbiCoder.encode(['string', 'uint8[]'], ['x', [1, 2]]),
        ),
    ),
)
record('packed', () => utils.solidityKeccak256(['uint16', 'string'], [7, 'seven']))
record('name', () => utils.namehash('Vitalik.ETH'))
record('refused name', () => utils.namehash('a..b'))
record('units', () => [
    utils.formatUnits('123456789', 6),
    utils.parseUnits('0.1', 18).toString(),
    BigNumber.from(2).pow(200).mod(97).toString(),
])
record(
    'mnemonic',
    () =>
        utils.HDNode.fromMnemonic(
            'test test test test test test test test test test test junk',
        ).derivePath(utils.defaultPath).address,
)
record('address', () => utils.getCreate2Address(wallet.address, word(1), utils.id('code')))

const signed = async () => {
    answers['signed message'] = await wallet.signMessage('h\u00e9llo')
    answers['verified message'] = utils.verifyMessage('h\u00e9llo', answers['signed message'])
    answers['signed legacy'] = await wallet.signTransaction({ ...transfer, gasPrice: 9 })
    answers['signed transaction'] = await wallet.signTransaction({
        ...transfer,
        type: 2,
        maxFeePerGas: 7,
        maxPriorityFeePerGas: 3,
    })
    answers['parsed transaction'] = utils.parseTransaction(answers['signed transaction']).from
    answers['signed typed data'] = await wallet._signTypedData(
        typed.domain,
        typed.types,
        typed.value,
    )
}
signed().then(() => Lit.Actions.setResponse({ response: JSON.stringify(answers) }))
