// jwt: JSON web tokens, as the package jsonwebtoken has them. Tokens without a signature are refused, whatever the options say.
;(function ({ ALGORITHMS, read, sign: signed, verify: isSignedBy }, { TextDecoder, TextEncoder }) {
    class JsonWebTokenError extends Error {
        constructor(message, inner) {
            super(message)
            this.name = 'JsonWebTokenError'
            if (inner) this.inner = inner
        }
    }

    class TokenExpiredError extends JsonWebTokenError {
        constructor(message, expiredAt) {
            super(message)
            this.name = 'TokenExpiredError'
            this.expiredAt = expiredAt
        }
    }

    class NotBeforeError extends JsonWebTokenError {
        constructor(message, date) {
            super(message)
            this.name = 'NotBeforeError'
            this.date = date
        }
    }

    const BASE64URL = { alphabet: 'base64url' }
    const isSet = (value) => value !== undefined
    const isObject = (value) => Object(value) === value
    const isText = (value) => typeof value === 'string'
    const now = () => Math.floor(Date.now() / 1000)
    const encode = (string) => new TextEncoder().encode(string).toBase64({ ...BASE64URL, omitPadding: true })
    const decodeText = (part) => new TextDecoder().decode(Uint8Array.fromBase64(part, BASE64URL))

    const UNITS = { ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000, w: 604800000, y: 31557600000 }
    const NAMES = { ms: 'milliseconds? msecs? ms', s: 'seconds? secs? s', m: 'minutes? mins? m', h: 'hours? hrs? h', d: 'days? d', w: 'weeks? w', y: 'years? yrs? y' }

    /** A point in time so much later, in seconds; the span is a number of seconds or a text such as `2 days`. */
    function later(span, from) {
        if (typeof span === 'number') return from + span
        const [, count, name = 'ms'] = (isText(span) && span.length <= 100 && /^(-?\d*\.?\d+) *([a-z]*)$/i.exec(span)) || []
        const unit = Object.keys(NAMES).find((unit) => new RegExp(`^(${NAMES[unit].replaceAll(' ', '|')})$`, 'i').test(name || 'ms'))
        return isSet(count) && unit ? Math.floor(from + (Number(count) * UNITS[unit]) / 1000) : undefined
    }

    /** The parts of a token; `undefined` when it is none. */
    function open(token) {
        const parts = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(token)
        if (!parts) return undefined
        let header
        try {
            header = JSON.parse(decodeText(parts[1]))
        } catch {
            return undefined
        }
        if (!header) return undefined
        const content = decodeText(parts[2])
        return { header, payload: contentOf(header, content), signature: parts[3], message: `${parts[1]}.${parts[2]}` }
    }

    /** What calls itself a JWT must be JSON; anything else is JSON if it reads as an object. */
    function contentOf(header, content) {
        if (header.typ === 'JWT') return JSON.parse(content)
        try {
            const value = JSON.parse(content)
            return isObject(value) ? value : content
        } catch {
            return content
        }
    }

    function decode(token, options) {
        const opened = open(`${token}`)
        if (!opened) return null
        const { header, payload, signature } = opened
        return options?.complete === true ? { header, payload, signature } : payload
    }

    function refuse(message) {
        throw new JsonWebTokenError(message)
    }

    function openForVerification(token, options) {
        if (options.clockTimestamp && typeof options.clockTimestamp !== 'number') refuse('clockTimestamp must be a number')
        if (isSet(options.nonce) && !(isText(options.nonce) && options.nonce.trim())) refuse('nonce must be a non-empty string')
        if (!token) refuse('jwt must be provided')
        if (!isText(token)) refuse('jwt must be a string')
        if (token.split('.').length !== 3) refuse('jwt malformed')
        return open(token) ?? refuse('invalid token')
    }

    /** Throws unless this key has signed the token. */
    function checkSignature({ header, signature, message }, given, algorithms) {
        if (!signature) refuse('jwt signature is required')
        if (!given) refuse('secret or public key must be provided')
        const key = read(given) ?? refuse('secretOrPublicKey is not valid key material')
        const { alg } = header
        if (!(algorithms ?? ALGORITHMS[key.type]).includes(alg) || !Object.values(ALGORITHMS).flat().includes(alg)) refuse('invalid algorithm')
        const isSecret = alg.startsWith('HS')
        if (isSecret !== (key.type === 'secret')) refuse(`secretOrPublicKey must be ${isSecret ? 'a symmetric' : 'an asymmetric'} key when using ${alg}`)
        let bytes
        try {
            bytes = Uint8Array.fromBase64(signature, BASE64URL).toHex()
        } catch {
            refuse('invalid signature')
        }
        if (!isSignedBy(alg, key, message, bytes)) refuse('invalid signature')
    }

    function checkTimes(payload, options, time) {
        const tolerance = options.clockTolerance || 0
        if (isSet(payload.nbf) && !options.ignoreNotBefore) {
            if (typeof payload.nbf !== 'number') refuse('invalid nbf value')
            if (payload.nbf > time + tolerance) throw new NotBeforeError('jwt not active', new Date(payload.nbf * 1000))
        }
        if (isSet(payload.exp) && !options.ignoreExpiration) {
            if (typeof payload.exp !== 'number') refuse('invalid exp value')
            if (time >= payload.exp + tolerance) throw new TokenExpiredError('jwt expired', new Date(payload.exp * 1000))
        }
    }

    function checkAge(payload, options, time) {
        if (!options.maxAge) return
        if (typeof payload.iat !== 'number') refuse('iat required when maxAge is specified')
        const end = later(options.maxAge, payload.iat)
        if (!isSet(end)) refuse(`"maxAge" ${NO_SPAN}`)
        if (time >= end + (options.clockTolerance || 0)) throw new TokenExpiredError('maxAge exceeded', new Date(end * 1000))
    }

    const NO_SPAN = 'should be a number of seconds or string representing a timespan eg: "1d", "20h", 60'

    function checkAudience(payload, wanted) {
        if (!wanted) return
        const [allowed, found] = [wanted, payload.aud].map((value) => (Array.isArray(value) ? value : [value]))
        const isAllowed = (audience) => allowed.some((one) => (one instanceof RegExp ? one.test(audience) : one === audience))
        if (!found.some(isAllowed)) refuse(`jwt audience invalid. expected: ${allowed.join(' or ')}`)
    }

    function checkNames(payload, options) {
        checkAudience(payload, options.audience)
        const { issuer } = options
        const isIssuer = Array.isArray(issuer) ? issuer.includes(payload.iss) : !isText(issuer) || issuer === payload.iss
        if (issuer && !isIssuer) refuse(`jwt issuer invalid. expected: ${issuer}`)
        for (const [option, claim] of [['subject', 'sub'], ['jwtid', 'jti'], ['nonce', 'nonce']]) {
            const wanted = options[option]
            if (wanted && payload[claim] !== wanted) refuse(`jwt ${option} invalid. expected: ${wanted}`)
        }
    }

    function judge(opened, key, options) {
        checkSignature(opened, key, options.algorithms)
        const { header, payload, signature } = opened
        const time = options.clockTimestamp || now()
        checkTimes(payload, options, time)
        checkNames(payload, options)
        checkAge(payload, options, time)
        return options.complete === true ? { header, payload, signature } : payload
    }

    /** Hands over what `run` returns or throws: to the callback, if there is one. */
    function finish(callback, run) {
        if (!callback) return run()
        let result
        try {
            result = run()
        } catch (error) {
            return callback(error)
        }
        return callback(null, result)
    }

    function verify(token, key, options, callback) {
        if (typeof options === 'function') return verify(token, key, {}, options)
        const wanted = { ...options }
        if (typeof key !== 'function') return finish(callback, () => judge(openForVerification(token, wanted), key, wanted))
        if (!callback) refuse('verify must be called asynchronous if secret or public key is provided as a callback')
        let opened
        try {
            opened = openForVerification(token, wanted)
        } catch (error) {
            return callback(error)
        }
        return key(opened.header, (error, found) =>
            finish(callback, () => (error ? refuse(`error in secret or public key callback: ${error.message}`) : judge(opened, found, wanted))),
        )
    }

    const isSpan = (value) => Number.isInteger(value) || (isText(value) && value !== '')
    const isFlag = (value) => typeof value === 'boolean'
    const OPTIONS = {
        expiresIn: [isSpan, 'should be a number of seconds or string representing a timespan'],
        notBefore: [isSpan, 'should be a number of seconds or string representing a timespan'],
        audience: [(value) => isText(value) || Array.isArray(value), 'must be a string or array'],
        algorithm: [(value) => Object.values(ALGORITHMS).flat().includes(value), 'must be a valid string enum value'],
        header: [(value) => isObject(value) && !Array.isArray(value), 'must be an object'],
        issuer: [isText, 'must be a string'],
        subject: [isText, 'must be a string'],
        jwtid: [isText, 'must be a string'],
        noTimestamp: [isFlag, 'must be a boolean'],
        keyid: [isText, 'must be a string'],
        mutatePayload: [isFlag, 'must be a boolean'],
    }
    const TIMES = ['iat', 'exp', 'nbf']
    const CLAIMS = { audience: 'aud', issuer: 'iss', subject: 'sub', jwtid: 'jti' }
    const ONLY_FOR_OBJECTS = ['expiresIn', 'notBefore', 'noTimestamp', 'audience', 'issuer', 'subject', 'jwtid']

    function checkOptions(options) {
        for (const [name, value] of Object.entries(options)) {
            if (!Object.hasOwn(OPTIONS, name)) throw new Error(`"${name}" is not allowed in "options"`)
            const [isValid, message] = OPTIONS[name]
            if (!isValid(value)) throw new Error(`"${name}" ${message}`)
        }
    }

    function signingKey(alg, given) {
        if (!given) throw new Error('secretOrPrivateKey must have a value')
        const key = read(given)
        if (!key) throw new Error('secretOrPrivateKey is not valid key material')
        const isSecret = `${alg}`.startsWith('HS')
        const isPrivate = key.type !== 'secret' && isSet(key.secret)
        const isFitting = isSecret ? key.type === 'secret' : isPrivate || !/^(RS|PS|ES)/.test(alg)
        if (!isFitting) throw new Error(`secretOrPrivateKey must be ${isSecret ? 'a symmetric' : 'an asymmetric'} key when using ${alg}`)
        const isShort = key.type === 'rsa' && BigInt(`0x${key.modulus}`).toString(2).length < 2048
        if (isShort) throw new Error(`secretOrPrivateKey has a minimum key size of 2048 bits for ${alg}`)
        return key
    }

    /** The claims that the options add. */
    function complete(payload, options) {
        for (const [option, claim] of [['expiresIn', 'exp'], ['notBefore', 'nbf']]) {
            if (isSet(payload[claim]) && isSet(options[option])) {
                throw new Error(`Bad "options.${option}" option the payload already has an "${claim}" property.`)
            }
        }
        checkOptions(options)
        const time = payload.iat || now()
        if (options.noTimestamp) delete payload.iat
        else payload.iat = time
        for (const [option, claim] of [['notBefore', 'nbf'], ['expiresIn', 'exp']]) {
            if (!isSet(options[option])) continue
            payload[claim] = later(options[option], time)
            if (!isSet(payload[claim])) throw new Error(`"${option}" ${NO_SPAN}`)
        }
        for (const [option, claim] of Object.entries(CLAIMS)) {
            if (!isSet(options[option])) continue
            if (isSet(payload[claim])) throw new Error(`Bad "options.${option}" option. The payload already has an "${claim}" property.`)
            payload[claim] = options[option]
        }
        return payload
    }

    function claimsOf(payload, options) {
        if (!isObject(payload) || Array.isArray(payload)) throw new Error('Expected "payload" to be a plain object.')
        for (const claim of TIMES) {
            const isTime = !Object.hasOwn(payload, claim) || typeof payload[claim] === 'number'
            if (!isTime) throw new Error(`"${claim}" should be a number of seconds`)
        }
        return JSON.stringify(complete(options.mutatePayload ? payload : { ...payload }, options))
    }

    function textOf(payload, options) {
        if (!isSet(payload)) throw new Error('payload is required')
        const misplaced = ONLY_FOR_OBJECTS.filter((name) => isSet(options[name]))
        if (misplaced.length > 0) throw new Error(`invalid ${misplaced.join(',')} option for ${typeof payload} payload`)
        checkOptions(options)
        return `${payload}`
    }

    function signToken(payload, given, options) {
        const alg = options.algorithm || 'HS256'
        const header = { alg, typ: isObject(payload) ? 'JWT' : undefined, kid: options.keyid, ...options.header }
        const key = signingKey(header.alg, given)
        const content = typeof payload === 'object' ? claimsOf(payload, options) : textOf(payload, options)
        const message = `${encode(JSON.stringify(header))}.${encode(content)}`
        const signature = Uint8Array.fromHex(signed(header.alg, key, message)).toBase64({ ...BASE64URL, omitPadding: true })
        return `${message}.${signature}`
    }

    function sign(payload, key, options, callback) {
        if (typeof options === 'function') return sign(payload, key, {}, options)
        return finish(callback, () => signToken(payload, key, { ...options }))
    }

    return { globals: { jwt: { decode, verify, sign, JsonWebTokenError, NotBeforeError, TokenExpiredError } } }
})
