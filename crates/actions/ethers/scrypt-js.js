// The runner defines this global before it loads the bundle and removes it afterwards. It takes and
// gives bytes as hex.
const primitives = globalThis.__primitives

function derive(password, salt, N, r, p, dkLen) {
    for (const [name, value] of Object.entries({ N, r, p, dkLen })) {
        if (!Number.isInteger(value)) throw new Error(`invalid ${name}`)
    }
    if (N < 1 || (N & (N - 1)) !== 0) throw new Error('N must be power of 2')
    const [passwordHex, saltHex] = [password, salt].map((bytes) => Uint8Array.from(bytes).toHex())
    return Uint8Array.fromHex(primitives.scrypt(passwordHex, saltHex, [Math.log2(N), r, p], dkLen))
}

export default {
    /** The work is done in one go: progress goes from nothing to everything, and can be stopped before it begins. */
    async scrypt(password, salt, N, r, p, dkLen, progress) {
        if (progress?.(0)) throw new Error('cancelled')
        // As in the original, the caller has gone on before the work begins.
        await new Promise((resolve) => setTimeout(resolve))
        const key = derive(password, salt, N, r, p, dkLen)
        progress?.(1)
        return key
    },
    syncScrypt: derive,
}
