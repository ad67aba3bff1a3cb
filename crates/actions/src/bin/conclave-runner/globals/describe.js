// What an uncaught value says of itself.
;(function (calls, { inspect }, { text }) {
    // Deep enough for the script's own frame to be seen below those of ethers.
    Error.stackTraceLimit = 50

    const ABSENT = /^'?(XMLHttpRequest|Deno|process|require|Buffer)'? is not defined$/

    // What is uncaught is seen only after the stack is unwound, when there may be room again: then
    // nothing tells the two apart.
    const NULL =
        'null (thrown by the script, or by the engine when no memory was left even for an error)'

    /** Absent names stay undefined, since libraries look for them; but whoever relies on one is told. */
    function messageOf(error) {
        const message = `${error.message}`
        const absent = error instanceof ReferenceError && ABSENT.exec(message)
        return absent ? `${message}: ${absent[1]} is not offered to actions` : message
    }

    return function describe(thrown) {
        const isError = thrown instanceof Error
        let message
        let stack
        try {
            message =
                thrown === null
                    ? NULL
                    : text(isError ? `${thrown.name}: ${messageOf(thrown)}` : inspect(thrown))
            stack = isError && thrown.stack !== undefined ? text(thrown.stack) : undefined
        } catch {
            message = 'an error that cannot be shown'
        }
        const outOfMemory =
            isError && thrown.name === 'InternalError' && thrown.message === 'out of memory'
        return {
            message,
            stack,
            call: calls.numberOf(thrown),
            outOfMemory,
            isNull: thrown === null,
        }
    }
})
