// Bytes as text in the encodings of multibase, without its prefixes: uint8arrayToString and
// uint8arrayFromString.
;(function ({ from, hex }, { TextDecoder, TextEncoder }) {
    const DIGITS = '0123456789'
    const LOWER = 'abcdefghijklmnopqrstuvwxyz'
    const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
    const without = (letters, absent) =>
        [...letters].filter((letter) => !absent.includes(letter)).join('')

    const latin1 = {
        encode: (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''),
        decode: (string) => Uint8Array.from(string.split(''), (unit) => unit.charCodeAt(0)),
    }
    const utf8 = {
        encode: (bytes) => new TextDecoder().decode(bytes),
        decode: (string) => new TextEncoder().encode(string),
    }

    /** Digits that each stand for so many bits (RFC 4648); `isPadded` fills up to whole bytes with `=`. */
    function ofBits(name, bits, alphabet, isPadded = false) {
        const values = new Map(Array.from(alphabet, (digit, value) => [digit, value]))
        return {
            encode(bytes) {
                let [string, held, pending] = ['', 0, 0]
                for (const byte of bytes) {
                    held = (held << 8) | byte
                    for (pending += 8; pending >= bits; held &= (1 << pending) - 1) {
                        pending -= bits
                        string += alphabet[held >> pending]
                    }
                }
                if (pending > 0) string += alphabet[held << (bits - pending)]
                while (isPadded && (string.length * bits) % 8 !== 0) string += '='
                return string
            },
            decode(string) {
                const digits = string.replace(/=+$/, '')
                const bytes = new Uint8Array(Math.floor((digits.length * bits) / 8))
                let [held, pending, length] = [0, 0, 0]
                for (const digit of digits) {
                    if (!values.has(digit)) throw new SyntaxError(`Non-${name} character`)
                    held = (held << bits) | values.get(digit)
                    pending += bits
                    if (pending >= 8) {
                        pending -= 8
                        bytes[length++] = held >> pending
                        held &= (1 << pending) - 1
                    }
                }
                if (pending >= bits || held !== 0) throw new SyntaxError('Unexpected end of data')
                return bytes
            },
        }
    }

    /** The digits of one great number; each leading zero byte is a leading zero digit. */
    function ofNumber(name, alphabet) {
        const base = BigInt(alphabet.length)
        return {
            encode(bytes) {
                const zeros = bytes.findIndex((byte) => byte !== 0)
                if (zeros < 0) return alphabet[0].repeat(bytes.length)
                const digits = []
                for (let number = BigInt(`0x${hex(bytes)}`); number > 0n; number /= base) {
                    digits.push(alphabet[Number(number % base)])
                }
                return alphabet[0].repeat(zeros) + digits.reverse().join('')
            },
            decode(string) {
                let number = 0n
                for (const digit of string) {
                    const value = alphabet.indexOf(digit)
                    if (value < 0) throw new Error(`Non-${name} character`)
                    number = number * base + BigInt(value)
                }
                const rest = [...string].findIndex((digit) => digit !== alphabet[0])
                const zeros = new Uint8Array(rest < 0 ? string.length : rest)
                if (number === 0n) return zeros
                const digits = number.toString(16)
                const bytes = Uint8Array.fromHex(
                    digits.padStart(digits.length + (digits.length % 2), '0'),
                )
                return Uint8Array.of(...zeros, ...bytes)
            },
        }
    }

    const all = { utf8: utf8, 'utf-8': utf8, identity: utf8, latin1, ascii: latin1, binary: latin1 }
    const addBits = (name, bits, alphabet, isPadded) =>
        (all[name] = ofBits(name, bits, alphabet, isPadded))
    const addNumber = (name, alphabet) => (all[name] = ofNumber(name, alphabet))

    addBits('base2', 1, '01')
    addBits('base8', 3, '01234567')
    addBits('base16', 4, DIGITS + 'abcdef')
    addBits('base16upper', 4, DIGITS + 'ABCDEF')
    all.hex = all.base16
    const standard = [LOWER + '234567', UPPER + '234567']
    const hexadecimal = [DIGITS + LOWER.slice(0, 22), DIGITS + UPPER.slice(0, 22)]
    for (const [name, [lower, upper]] of Object.entries({
        base32: standard,
        base32hex: hexadecimal,
    })) {
        addBits(name, 5, lower)
        addBits(`${name}upper`, 5, upper)
        addBits(`${name}pad`, 5, lower, true)
        addBits(`${name}padupper`, 5, upper, true)
    }
    addBits('base32z', 5, 'ybndrfg8ejkmcpqxot1uwisza345h769')
    addBits('base64', 6, UPPER + LOWER + DIGITS + '+/')
    addBits('base64pad', 6, UPPER + LOWER + DIGITS + '+/', true)
    addBits('base64url', 6, UPPER + LOWER + DIGITS + '-_')
    addBits('base64urlpad', 6, UPPER + LOWER + DIGITS + '-_', true)
    addNumber('base10', DIGITS)
    addNumber('base36', DIGITS + LOWER)
    addNumber('base36upper', DIGITS + UPPER)
    addNumber('base58btc', without(DIGITS, '0') + without(UPPER, 'IO') + without(LOWER, 'l'))
    addNumber('base58flickr', without(DIGITS, '0') + without(LOWER, 'l') + without(UPPER, 'IO'))

    function named(encoding) {
        if (!Object.hasOwn(all, encoding)) throw new Error(`Unsupported encoding "${encoding}"`)
        return all[encoding]
    }

    return {
        globals: {
            uint8arrayToString(array, encoding = 'utf8') {
                const bytes = from(array)
                if (!bytes) throw new Error('Unknown type, must be binary type')
                return named(encoding).encode(bytes)
            },
            uint8arrayFromString: (string, encoding = 'utf8') =>
                named(encoding).decode(`${string}`),
        },
    }
})
