// crypto, and Math.random, which draws from the same source.
;(function (host, primitives, { view, hex }) {
    const RANDOM_BYTES_MAX = 65536
    const FLOATS = ['Float16Array', 'Float32Array', 'Float64Array']
    const fail = (message, name) => {
        throw new DOMException(message, name)
    }

    function getRandomValues(array) {
        if (
            !ArrayBuffer.isView(array) ||
            array instanceof DataView ||
            FLOATS.includes(array[Symbol.toStringTag])
        ) {
            fail('getRandomValues fills integer arrays', 'TypeMismatchError')
        }
        if (array.byteLength > RANDOM_BYTES_MAX) {
            fail(
                `getRandomValues fills at most ${RANDOM_BYTES_MAX} bytes at a time`,
                'QuotaExceededError',
            )
        }
        view(array).set(host.random(array.byteLength))
        return array
    }

    function randomUUID() {
        const bytes = host.random(16)
        // Version 4 of the variant of RFC 9562.
        bytes[6] = (bytes[6] & 0x0f) | 0x40
        bytes[8] = (bytes[8] & 0x3f) | 0x80
        return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    }

    const digests = {
        'SHA-1': primitives.sha1,
        'SHA-256': primitives.sha256,
        'SHA-384': primitives.sha384,
        'SHA-512': primitives.sha512,
    }

    const subtle = {
        async digest(algorithm, data) {
            const name =
                `${Object(algorithm) === algorithm ? algorithm.name : algorithm}`.toUpperCase()
            if (!Object.hasOwn(digests, name))
                fail(`crypto.subtle.digest does not know ${name}`, 'NotSupportedError')
            const bytes = view(data)
            if (!bytes) throw new TypeError('crypto.subtle.digest takes buffers and views')
            return Uint8Array.fromHex(digests[name](hex(bytes))).buffer
        },
    }
    const others = [
        'decrypt',
        'deriveBits',
        'deriveKey',
        'encrypt',
        'exportKey',
        'generateKey',
        'importKey',
        'sign',
        'verify',
    ]
    for (const name of [...others, 'unwrapKey', 'wrapKey']) {
        subtle[name] = async () =>
            fail(`crypto.subtle.${name} is not offered to actions`, 'NotSupportedError')
    }

    // The engine's own would give the same numbers in every process that was forked from one.
    const random = () => host.uniform()
    Object.defineProperty(Math, 'random', { value: random, writable: true, configurable: true })
    return { globals: { crypto: { getRandomValues, randomUUID, subtle } } }
})
