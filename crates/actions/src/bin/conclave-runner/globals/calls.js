// Calls to the node: each has a number, by which its reply settles the promise that the script
// waits for.
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

    function settled(number) {
        const promise = waiting.get(number)
        waiting.delete(number)
        return promise
    }

    return {
        /** The promise of the reply to the call that was sent under this number. */
        reply(number) {
            // Where the script made the call; by the time of the reply nothing tells any more.
            const { stack } = new Error()
            return new Promise((resolve, reject) => waiting.set(number, { resolve, reject, stack }))
        },
        resolve: (number, value) => settled(number)?.resolve(value),
        reject(number, message, code, retryable) {
            const promise = settled(number)
            if (!promise) return
            const error = new NodeError(message, code, retryable)
            error.stack = promise.stack
            numbers.set(error, number)
            promise.reject(error)
        },
        /** Waits no longer: the promise is rejected with `reason`, and the reply will mean nothing. */
        abandon: (number, reason) => settled(number)?.reject(reason),
        /** Another error in its place, which still tells of that call. */
        renamed(error, other) {
            if (!numbers.has(error)) return error
            numbers.set(other, numbers.get(error))
            other.stack = error.stack
            return other
        },
        /** The number of the call that an uncaught error came from. */
        numberOf: (error) => (Object(error) === error ? numbers.get(error) : undefined),
        count: () => waiting.size,
    }
})
