// Lit.Actions: what an action can ask of its node.
;(function (host, { from, hex, text }, calls) {
    function string(value, name) {
        if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
        return text(value)
    }

    async function sign(kind, bytes, { publicKey, sigName }) {
        await calls.reply(host.sign(kind, hex(bytes), string(publicKey, 'publicKey'), string(sigName, 'sigName')))
        return 'success'
    }

    const offered = {
        async signEcdsa({ toSign, ...names } = {}) {
            const digest = from(toSign)
            if (digest?.length !== 32) throw new TypeError('toSign must be 32 bytes: a Uint8Array or an array of numbers')
            return sign('raw', digest, names)
        },
        async ethPersonalSignMessageEcdsa({ message, ...names } = {}) {
            const bytes = typeof message === 'string' ? host.utf8Encode(text(message)) : from(message)
            if (!bytes) throw new TypeError('message must be a string or bytes')
            return sign('personal', bytes, names)
        },
        async setResponse({ response } = {}) {
            host.respond(string(response, 'response'))
        },
    }

    const notOffered = [
        'aesDecrypt',
        'broadcastAndCollect',
        'call',
        'callContract',
        'checkConditions',
        'claimKey',
        'decryptAndCombine',
        'decryptToSingleNode',
        'encrypt',
        'getLatestNonce',
        'getPermittedActions',
        'getPermittedAddresses',
        'getPermittedAuthMethodScopes',
        'getPermittedAuthMethods',
        'getRpcUrl',
        'isPermittedAction',
        'isPermittedAddress',
        'isPermittedAuthMethod',
        'pubkeyToTokenId',
        'runOnce',
        'signAndCombineEcdsa',
        'uint8arrayFromString',
        'uint8arrayToString',
    ]
    const refused = notOffered.map((name) => [
        name,
        () => {
            throw new Error(`Lit.Actions.${name} is not offered by this version`)
        },
    ])

    return Object.freeze({ ...offered, ...Object.fromEntries(refused) })
})
