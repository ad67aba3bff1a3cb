// Verifies tokens. Those without a signature are refused, whatever the options say.
;(function ({ ALGORITHMS, read, verify: isSignedBy }, format) {
    const {
        JsonWebTokenError,
        TokenExpiredError,
        NotBeforeError,
        SPAN,
        decode,
        open,
        later,
        finish,
    } = format
    const isSet = (value) => value !== undefined
    const isText = (value) => typeof value === 'string'

    function refuse(message) {
        throw new JsonWebTokenError(message)
    }

    function openForVerification(token, options) {
        if (options.clockTimestamp && typeof options.clockTimestamp !== 'number')
            refuse('clockTimestamp must be a number')
        if (isSet(options.nonce) && !(isText(options.nonce) && options.nonce.trim()))
            refuse('nonce must be a non-empty string')
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
        const isAllowed = (algorithms ?? ALGORITHMS[key.type]).includes(alg)
        if (!isAllowed || !Object.values(ALGORITHMS).flat().includes(alg))
            refuse('invalid algorithm')
        const isSecret = alg.startsWith('HS')
        const kind = isSecret ? 'a symmetric' : 'an asymmetric'
        if (isSecret !== (key.type === 'secret'))
            refuse(`secretOrPublicKey must be ${kind} key when using ${alg}`)
        let bytes
        try {
            bytes = decode(signature).toHex()
        } catch {
            refuse('invalid signature')
        }
        if (!isSignedBy(alg, key, message, bytes)) refuse('invalid signature')
    }

    function checkTimes(payload, options, time) {
        const tolerance = options.clockTolerance || 0
        if (isSet(payload.nbf) && !options.ignoreNotBefore) {
            if (typeof payload.nbf !== 'number') refuse('invalid nbf value')
            if (payload.nbf > time + tolerance)
                throw new NotBeforeError('jwt not active', new Date(payload.nbf * 1000))
        }
        if (isSet(payload.exp) && !options.ignoreExpiration) {
            if (typeof payload.exp !== 'number') refuse('invalid exp value')
            if (time >= payload.exp + tolerance)
                throw new TokenExpiredError('jwt expired', new Date(payload.exp * 1000))
        }
    }

    function checkAge(payload, options, time) {
        if (!options.maxAge) return
        if (typeof payload.iat !== 'number') refuse('iat required when maxAge is specified')
        const end = later(options.maxAge, payload.iat)
        if (!isSet(end)) refuse(`"maxAge" ${SPAN}`)
        if (time >= end + (options.clockTolerance || 0))
            throw new TokenExpiredError('maxAge exceeded', new Date(end * 1000))
    }

    function checkAudience(payload, wanted) {
        if (!wanted) return
        const [allowed, found] = [wanted, payload.aud].map((value) =>
            Array.isArray(value) ? value : [value],
        )
        const isAllowed = (audience) =>
            allowed.some((one) => (one instanceof RegExp ? one.test(audience) : one === audience))
        if (!found.some(isAllowed))
            refuse(`jwt audience invalid. expected: ${allowed.join(' or ')}`)
    }

    function checkNames(payload, options) {
        checkAudience(payload, options.audience)
        const { issuer } = options
        const isIssuer = Array.isArray(issuer)
            ? issuer.includes(payload.iss)
            : !isText(issuer) || issuer === payload.iss
        if (issuer && !isIssuer) refuse(`jwt issuer invalid. expected: ${issuer}`)
        for (const [option, claim] of Object.entries({
            subject: 'sub',
            jwtid: 'jti',
            nonce: 'nonce',
        })) {
            const wanted = options[option]
            if (wanted && payload[claim] !== wanted)
                refuse(`jwt ${option} invalid. expected: ${wanted}`)
        }
    }

    function judge(opened, key, options) {
        checkSignature(opened, key, options.algorithms)
        const { header, payload, signature } = opened
        const time = options.clockTimestamp || Math.floor(Date.now() / 1000)
        checkTimes(payload, options, time)
        checkNames(payload, options)
        checkAge(payload, options, time)
        return options.complete === true ? { header, payload, signature } : payload
    }

    function verify(token, key, options, callback) {
        if (typeof options === 'function') return verify(token, key, {}, options)
        const wanted = { ...options }
        if (typeof key !== 'function')
            return finish(callback, () => judge(openForVerification(token, wanted), key, wanted))
        if (!callback)
            refuse(
                'verify must be called asynchronous if secret or public key is provided as a callback',
            )
        let opened
        try {
            opened = openForVerification(token, wanted)
        } catch (error) {
            return callback(error)
        }
        const judgeBy = (error, found) => {
            if (error) refuse(`error in secret or public key callback: ${error.message}`)
            return judge(opened, found, wanted)
        }
        return key(opened.header, (error, found) => finish(callback, () => judgeBy(error, found)))
    }

    return verify
})
