// A script of conversions. Node runs it with the stock package uint8arrays (js/tests/stock), a
// runner with its own; both must answer alike.

const answers = {}
const record = (name, compute) => {
    try {
        answers[name] = compute()
    } catch (error) {
        answers[name] = `threw ${error.name}: ${error.message}`
    }
}

let state = 11
const random = (length) =>
    Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0
        return state >>> 24
    })

const digits = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const ENCODINGS = [
    'utf8',
    'utf-8',
    'hex',
    'latin1',
    'ascii',
    'binary',
    'base2',
    'base8',
    'base10',
    'base16',
    'base16upper',
    'base32',
    'base32upper',
    'base32pad',
    'base32padupper',
    'base32hex',
    'base32hexupper',
    'base32hexpad',
    'base32hexpadupper',
    'base32z',
    'base36',
    'base36upper',
    'base58btc',
    'base58flickr',
    'base64',
    'base64pad',
    'base64url',
    'base64urlpad',
    'identity',
]
const samples = [0, 1, 2, 3, 4, 5, 6, 7, 8, 31, 32, 33, 64, 100].map(random)
samples.push(
    Uint8Array.of(0),
    Uint8Array.of(0, 0, 1),
    Uint8Array.of(0, 0),
    new Uint8Array(5).fill(255),
    new TextEncoder().encode('h\u00e9llo'),
)
const texts = [
    '',
    ' ',
    '!',
    '=',
    '0',
    '1',
    'a',
    'A',
    'zz',
    'Zg==',
    'Zg',
    'Zh',
    'Zg=',
    '0x00',
    '11',
    'MZXW6===',
    'mzxw6',
    'h\u00e9\u20ac\ud83d\ude00',
]

for (const encoding of ENCODINGS) {
    samples.forEach((bytes, index) => {
        record(`${encoding} of sample ${index}`, () => uint8arrayToString(bytes, encoding))
        record(`${encoding} of sample ${index} and back`, () =>
            digits(uint8arrayFromString(uint8arrayToString(bytes, encoding), encoding)),
        )
    })
    for (const text of texts)
        record(`${encoding} from ${JSON.stringify(text)}`, () =>
            digits(uint8arrayFromString(text, encoding)),
        )
}
record('from a number', () => digits(uint8arrayFromString(12, 'base16')))
Lit.Actions.setResponse({ response: JSON.stringify(answers) })
