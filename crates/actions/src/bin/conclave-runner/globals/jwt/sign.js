// Signs tokens.
;(function ({ ALGORITHMS, read, sign: signatureOf }, { SPAN, encode, encodeText, later, finish }) {
    const isSet = (value) => value !== undefined
    const isObject = (value) => Object(value) === value
    const isText = (value) => typeof value === 'string'
    const isSpan = (value) => Number.isInteger(value) || (isText(value) && value !== '')
    const isFlag = (value) => typeof value === 'boolean'
    const [ANY_SPAN] = SPAN.split(' eg')
    const OPTIONS = {
        expiresIn: [isSpan, ANY_SPAN],
        notBefore: [isSpan, ANY_SPAN],
        audience: [(value) => isText(value) || Array.isArray(value), 'must be a string or array'],
        algorithm: [
            (value) => Object.values(ALGORITHMS).flat().includes(value),
            'must be a valid string enum value',
        ],
        header: [(value) => isObject(value) && !Array.isArray(value), 'must be an object'],
        issuer: [isText, 'must be a string'],
        subject: [isText, 'must be a string'],
        jwtid: [isText, 'must be a string'],
        noTimestamp: [isFlag, 'must be a boolean'],
        keyid: [isText, 'must be a string'],
        mutatePayload: [isFlag, 'must be a boolean'],
    }
    const TIMES = { expiresIn: 'exp', notBefore: 'nbf' }
    const CLAIMS = { audience: 'aud', issuer: 'iss', subject: 'sub', jwtid: 'jti' }
    const ONLY_FOR_OBJECTS = [
        'expiresIn',
        'notBefore',
        'noTimestamp',
        'audience',
        'issuer',
        'subject',
        'jwtid',
    ]

    function checkOptions(options) {
        for (const [name, value] of Object.entries(options)) {
            if (!Object.hasOwn(OPTIONS, name))
                throw new Error(`"${name}" is not allowed in "options"`)
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
        const kind = isSecret ? 'a symmetric' : 'an asymmetric'
        if (!isFitting) throw new Error(`secretOrPrivateKey must be ${kind} key when using ${alg}`)
        const isShort = key.type === 'rsa' && BigInt(`0x${key.modulus}`).toString(2).length < 2048
        if (isShort)
            throw new Error(`secretOrPrivateKey has a minimum key size of 2048 bits for ${alg}`)
        return key
    }

    /** The claims that the options add. */
    function complete(payload, options) {
        for (const [option, claim] of Object.entries(TIMES)) {
            if (isSet(payload[claim]) && isSet(options[option])) {
                throw new Error(
                    `Bad "options.${option}" option the payload already has an "${claim}" property.`,
                )
            }
        }
        checkOptions(options)
        const time = payload.iat || Math.floor(Date.now() / 1000)
        if (options.noTimestamp) delete payload.iat
        else payload.iat = time
        // In the order in which the package writes them.
        for (const [option, claim] of Object.entries(TIMES).reverse()) {
            if (!isSet(options[option])) continue
            payload[claim] = later(options[option], time)
            if (!isSet(payload[claim])) throw new Error(`"${option}" ${SPAN}`)
        }
        for (const [option, claim] of Object.entries(CLAIMS)) {
            if (!isSet(options[option])) continue
            if (isSet(payload[claim])) {
                throw new Error(
                    `Bad "options.${option}" option. The payload already has an "${claim}" property.`,
                )
            }
            payload[claim] = options[option]
        }
        return payload
    }

    function claimsOf(payload, options) {
        if (!isObject(payload) || Array.isArray(payload))
            throw new Error('Expected "payload" to be a plain object.')
        for (const claim of ['iat', ...Object.values(TIMES)]) {
            const isTime = !Object.hasOwn(payload, claim) || typeof payload[claim] === 'number'
            if (!isTime) throw new Error(`"${claim}" should be a number of seconds`)
        }
        return JSON.stringify(complete(options.mutatePayload ? payload : { ...payload }, options))
    }

    function textOf(payload, options) {
        if (!isSet(payload)) throw new Error('payload is required')
        const misplaced = ONLY_FOR_OBJECTS.filter((name) => isSet(options[name]))
        if (misplaced.length > 0)
            throw new Error(`invalid ${misplaced.join(',')} option for ${typeof payload} payload`)
        checkOptions(options)
        return `${payload}`
    }

    function signToken(payload, given, options) {
        const alg = options.algorithm || 'HS256'
        const header = {
            alg,
            typ: isObject(payload) ? 'JWT' : undefined,
            kid: options.keyid,
            ...options.header,
        }
        const key = signingKey(header.alg, given)
        const content =
            typeof payload === 'object' ? claimsOf(payload, options) : textOf(payload, options)
        const message = `${encodeText(JSON.stringify(header))}.${encodeText(content)}`
        return `${message}.${encode(Uint8Array.fromHex(signatureOf(header.alg, key, message)))}`
    }

    function sign(payload, key, options, callback) {
        if (typeof options === 'function') return sign(payload, key, {}, options)
        return finish(callback, () => signToken(payload, key, { ...options }))
    }

    return sign
})
