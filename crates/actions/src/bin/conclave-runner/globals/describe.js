// What an uncaught value says of itself.
;(function (calls, { inspect }, { text }) {
    return function describe(thrown) {
        const isError = thrown instanceof Error
        let message
        let stack
        try {
            message = text(isError ? `${thrown.name}: ${thrown.message}` : inspect(thrown))
            stack = isError ? text(thrown.stack) : undefined
        } catch {
            message = 'an error that cannot be shown'
        }
        const outOfMemory = isError && thrown.name === 'InternalError' && thrown.message === 'out of memory'
        return { message, stack, call: calls.numberOf(thrown), outOfMemory, isNull: thrown === null }
    }
})
