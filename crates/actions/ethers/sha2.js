import { arrayify } from '@ethersproject/bytes'
import { Logger } from '@ethersproject/logger'
import { version } from './_version'
// The runner defines this global before it loads the bundle and removes it afterwards. It takes and
// gives bytes as hex.
const primitives = globalThis.__primitives

const logger = new Logger(version)
const hmac = { sha256: primitives.hmacSha256, sha512: primitives.hmacSha512 }

export function ripemd160(data) {
    return '0x' + primitives.ripemd160(arrayify(data).toHex())
}

export function sha256(data) {
    return '0x' + primitives.sha256(arrayify(data).toHex())
}

export function sha512(data) {
    return '0x' + primitives.sha512(arrayify(data).toHex())
}

export function computeHmac(algorithm, key, data) {
    if (!Object.hasOwn(hmac, algorithm)) {
        logger.throwError(
            `unsupported algorithm - ${algorithm}`,
            Logger.errors.UNSUPPORTED_OPERATION,
            {
                operation: 'hmac',
                algorithm,
            },
        )
    }
    return '0x' + hmac[algorithm](arrayify(key).toHex(), arrayify(data).toHex())
}
