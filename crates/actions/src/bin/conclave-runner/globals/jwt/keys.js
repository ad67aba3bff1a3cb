// The keys of tokens and what they sign. The form of a key decides which algorithms it may serve,
// never the token.
;(function (primitives, { view, hex, text }, { TextDecoder, TextEncoder }) {
    const HASHES = {
        256: primitives.hmacSha256,
        384: primitives.hmacSha384,
        512: primitives.hmacSha512,
    }
    const SECRET = ['HS256', 'HS384', 'HS512']
    const RSA = ['RS256', 'PS256', 'RS384', 'PS384', 'RS512', 'PS512']
    const ELLIPTIC = ['ES256', 'ES384']
    const ALGORITHMS = { secret: SECRET, rsa: RSA, ec: ELLIPTIC }
    const CURVES = { ES256: 'prime256v1', ES384: 'secp384r1' }
    const BLOCK = /-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g

    const utf8 = (string) => hex(new TextEncoder().encode(text(string)))

    /** The key in the first block of a PEM text that holds one; `undefined` when there is none. */
    function ofPem(pem) {
        for (const [, label, body] of pem.matchAll(BLOCK)) {
            const key = primitives.readKey(label, hex(Uint8Array.fromBase64(body)))
            if (key) return key
        }
        return undefined
    }

    const CURVES_OF_JWK = { 'P-256': ['prime256v1', 64], 'P-384': ['secp384r1', 96] }

    function ofJwk({ kty, n, e, crv, x, y, d }) {
        const digits = (number) => hex(Uint8Array.fromBase64(number, { alphabet: 'base64url' }))
        if (kty === 'RSA' && d === undefined)
            return { type: 'rsa', modulus: digits(n), exponent: digits(e) }
        if (kty !== 'EC' || !Object.hasOwn(CURVES_OF_JWK, crv)) return undefined
        const [curve, length] = CURVES_OF_JWK[crv]
        const [left, right] = [x, y].map((number) => digits(number).padStart(length, '0'))
        const key = { type: 'ec', curve, point: `04${left}${right}` }
        return d === undefined ? key : { ...key, secret: digits(d).padStart(length, '0') }
    }

    /** What looks like PEM is no secret, even when it cannot be read. */
    function ofBytes(bytes) {
        const string = new TextDecoder().decode(bytes)
        return string.includes('-----BEGIN ')
            ? ofPem(string)
            : { type: 'secret', secret: hex(bytes) }
    }

    /** A key in one of the forms that Node takes; `undefined` for what is none. */
    function read(given) {
        try {
            const bytes =
                typeof given === 'string' ? new TextEncoder().encode(text(given)) : view(given)
            if (bytes) return ofBytes(bytes)
            if (given?.format === 'jwk') return ofJwk(given.key)
            return given?.key === undefined ? undefined : read(given.key)
        } catch {
            // Digits or lengths that none of the forms has.
            return undefined
        }
    }

    /** Throws unless the key may serve this algorithm. */
    function check(algorithm, key) {
        const fitting = ALGORITHMS[key.type]
        if (!fitting.includes(algorithm)) {
            throw new Error(
                `"alg" parameter for "${key.type}" key type must be one of: ${fitting.join(', ')}.`,
            )
        }
        const curve = CURVES[algorithm]
        if (key.curve !== curve)
            throw new Error(`"alg" parameter "${algorithm}" requires curve "${curve}".`)
    }

    function sign(algorithm, key, message) {
        check(algorithm, key)
        if (key.type === 'rsa') return primitives.rsaSign(algorithm, key.secret, utf8(message))
        if (key.type === 'ec')
            return primitives.ecdsaSign(algorithm, key.secret, key.point, utf8(message))
        return HASHES[algorithm.slice(2)](key.secret, utf8(message))
    }

    function verify(algorithm, key, message, signature) {
        check(algorithm, key)
        if (key.type === 'rsa')
            return primitives.rsaVerify(
                algorithm,
                [key.modulus, key.exponent],
                utf8(message),
                signature,
            )
        if (key.type === 'ec')
            return primitives.ecdsaVerify(algorithm, key.point, utf8(message), signature)
        return isSame(HASHES[algorithm.slice(2)](key.secret, utf8(message)), signature)
    }

    /** Looks at every digit, wherever the first difference is. */
    function isSame(left, right) {
        let difference = left.length ^ right.length
        for (let at = 0; at < left.length; at++)
            difference |= left.charCodeAt(at) ^ right.charCodeAt(at)
        return difference === 0
    }

    return { ALGORITHMS, read, sign, verify }
})
