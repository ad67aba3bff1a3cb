// Lit.Actions: what an action can ask of its node.
;(function (host, primitives, { from, hex, text }, calls, { log }, { globals: encodings }) {
    const { parse, stringify } = JSON

    function string(value, name) {
        if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
        return text(value)
    }

    /** What is to be told, as text: what is none is told as its JSON, and nothing as the empty text. */
    function told(value) {
        if (typeof value === 'string' || typeof value === 'bigint') return text(value)
        return stringify(value) ?? ''
    }

    function bytes(value, name) {
        const viewed = from(value)
        if (!viewed)
            throw new TypeError(`${name} must be bytes: a Uint8Array or an array of numbers`)
        return viewed
    }

    /** A number as text, in whichever form the script has it; also as ethers holds it. */
    function number(value, name) {
        const isNumber =
            ['string', 'number', 'bigint'].includes(typeof value) || value?._isBigNumber === true
        if (!isNumber) throw new TypeError(`${name} must be a number or its text`)
        return text(value)
    }

    /** An address as text, also where the script has its bytes. */
    function account(address) {
        const bytes = from(address)
        return bytes?.length === 20 ? `0x${hex(bytes)}` : string(address, 'address')
    }

    /** A call of the protocol, by the names that it has there. */
    const ask = (call) => calls.reply(host.ask(stringify(call)))
    const askChain = async (query) => parse(await ask({ Chain: query }))

    function sign(kind, bytes, { publicKey, sigName }) {
        return calls.reply(
            host.sign(kind, hex(bytes), string(publicKey, 'publicKey'), string(sigName, 'sigName')),
        )
    }

    function digest(toSign) {
        const digest = from(toSign)
        if (digest?.length !== 32)
            throw new TypeError('toSign must be 32 bytes: a Uint8Array or an array of numbers')
        return digest
    }

    const signing = {
        async signEcdsa({ toSign, ...names } = {}) {
            await sign('raw', digest(toSign), names)
            return 'success'
        },
        async ethPersonalSignMessageEcdsa({ message, ...names } = {}) {
            const bytes =
                typeof message === 'string' ? host.utf8Encode(text(message)) : from(message)
            if (!bytes) throw new TypeError('message must be a string or bytes')
            await sign('personal', bytes, names)
            return 'success'
        },
        async signAndCombineEcdsa({ toSign, ...names } = {}) {
            return sign('combined', digest(toSign), names)
        },
    }

    /** What all nodes get of a function that failed: why is only in the logs. */
    const FAILED = '[ERROR]'

    /** The result of the function that one node runs for all, as they all get it. */
    async function resultOf(run) {
        try {
            return textOf(await run())
        } catch (error) {
            log('Error running function:', error)
            return FAILED
        }
    }

    function textOf(value) {
        if (value === undefined || value === null) return ''
        try {
            return text(value)
        } catch (error) {
            log('The result of the function has no form as text:', error)
            return ''
        }
    }

    /** Tells the others; where this node's result is refused, that there is none, since they wait. */
    async function endTurn(name, result) {
        const end = async (result) => ask({ EndTurn: { name, result } })
        try {
            await end(result)
        } catch (refusal) {
            await end(FAILED).catch(() => {})
            throw refusal
        }
    }

    const together = {
        async call({ ipfsId, params } = {}) {
            const given = params ?? {}
            if (Object(given) !== given || Array.isArray(given))
                throw new TypeError('params must be an object')
            const response = await ask({
                Action: { cid: string(ipfsId, 'ipfsId'), params: stringify(given) },
            })
            // A family has one response: whoever of it set it last.
            if (response !== '') host.respond(response)
            return response
        },
        async broadcastAndCollect({ name, value } = {}) {
            return ask({ Collect: { name: string(name, 'name'), value: told(value) } })
        },
        async runOnce({ waitForResponse, name } = {}, run) {
            if (typeof run !== 'function') throw new TypeError('runOnce needs a function to run')
            // Scripts may leave the name out, all of them meaning the same.
            const exchange = string(name || 'default_bc_id', 'name')
            const { isMine, result } = await ask({
                TakeTurn: { name: exchange, wait: Boolean(waitForResponse) },
            })
            if (!isMine) return result
            const brought = await resultOf(run)
            await endTurn(exchange, brought)
            return brought
        },
    }

    const chains = {
        async callContract({ chain, txn } = {}) {
            return askChain({
                CallContract: { chain: string(chain, 'chain'), transaction: string(txn, 'txn') },
            })
        },
        async getLatestNonce({ chain, address } = {}) {
            return askChain({
                LatestNonce: { chain: string(chain, 'chain'), address: account(address) },
            })
        },
        async getRpcUrl({ chain } = {}) {
            return askChain({ RpcUrl: { chain: string(chain, 'chain') } })
        },
        async isPermittedAction({ tokenId, ipfsId } = {}) {
            const query = { token_id: number(tokenId, 'tokenId'), cid: string(ipfsId, 'ipfsId') }
            return askChain({ IsPermittedAction: query })
        },
        async isPermittedAddress({ tokenId, address } = {}) {
            const query = {
                token_id: number(tokenId, 'tokenId'),
                address: string(address, 'address'),
            }
            return askChain({ IsPermittedAddress: query })
        },
        async isPermittedAuthMethod(method = {}) {
            return askChain({ IsPermittedAuthMethod: authMethod(method) })
        },
        async getPermittedActions({ tokenId } = {}) {
            return askChain({ PermittedActions: { token_id: number(tokenId, 'tokenId') } })
        },
        async getPermittedAddresses({ tokenId } = {}) {
            return askChain({ PermittedAddresses: { token_id: number(tokenId, 'tokenId') } })
        },
        async getPermittedAuthMethods({ tokenId } = {}) {
            return askChain({ PermittedAuthMethods: { token_id: number(tokenId, 'tokenId') } })
        },
        async getPermittedAuthMethodScopes({ maxScopeId = 100, ...method } = {}) {
            const isCount = Number.isInteger(maxScopeId) && maxScopeId >= 0 && maxScopeId < 2 ** 32
            if (!isCount) throw new TypeError('maxScopeId must be a number from 0')
            return askChain({
                PermittedAuthMethodScopes: { ...authMethod(method), max_scope_id: maxScopeId },
            })
        },
    }

    function authMethod({ tokenId, authMethodType, userId }) {
        return {
            token_id: number(tokenId, 'tokenId'),
            auth_method_type: number(authMethodType, 'authMethodType'),
            user_id: Array.from(bytes(userId, 'userId')),
        }
    }

    const local = {
        async setResponse({ response } = {}) {
            host.respond(told(response))
        },
        /** A string and no promise: scripts read it directly, and awaiting it does no harm. */
        pubkeyToTokenId({ publicKey } = {}) {
            const digits = string(publicKey, 'publicKey').replace(/^0x/, '')
            const isWhole = digits.length % 2 === 0 && /^[0-9a-f]*$/i.test(digits)
            if (!isWhole) throw new TypeError('publicKey must be bytes in hex')
            return '0x' + primitives.keccak256(digits)
        },
        async aesDecrypt({ symmetricKey, ciphertext } = {}) {
            return primitives.aesDecrypt(
                hex(bytes(symmetricKey, 'symmetricKey')),
                hex(bytes(ciphertext, 'ciphertext')),
            )
        },
        ...encodings,
    }

    const notOffered = [
        'checkConditions',
        'claimKey',
        'decryptAndCombine',
        'decryptToSingleNode',
        'encrypt',
    ]
    const refused = notOffered.map((name) => [
        name,
        async () => {
            throw new Error(`Lit.Actions.${name} is not offered by this version`)
        },
    ])

    return Object.freeze({
        ...signing,
        ...together,
        ...chains,
        ...local,
        ...Object.fromEntries(refused),
    })
})
