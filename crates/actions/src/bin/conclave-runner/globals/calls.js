// Calls to the node: each has a number, by which its reply settles the promise that the script waits for.
;(function () {
    const waiting = new Map()
    const numbers = new WeakMap()

    /** What the node refused or failed. `code` and `retryable` are those that the client would see. */
    class NodeError extends Error {
        constructor(message, code, retryable) {
            super(message)
            this.code = code
            this.retryable = retryable
        }
    }

    return {
        /** The promise of the reply to the call that was sent under this number. */
        reply: (number) => new Promise((resolve, reject) => waiting.set(number, { resolve, reject })),
        resolve(number, value) {
            waiting.get(number)?.resolve(value)
            waiting.delete(number)
        },
        reject(number, message, code, retryable) {
            const error = new NodeError(message, code, retryable)
            numbers.set(error, number)
            waiting.get(number)?.reject(error)
            waiting.delete(number)
        },
        /** Another error in its place, which still tells of that call. */
        renamed(error, other) {
            if (numbers.has(error)) numbers.set(other, numbers.get(error))
            return other
        },
        /** The number of the call that an uncaught error came from. */
        numberOf: (error) => (Object(error) === error ? numbers.get(error) : undefined),
        count: () => waiting.size,
    }
})
