// fetch. The node sends the request and answers with the complete response.
;(function (host, { hex, text }, calls, { peek, received, globals: { Request } }) {
    const litInternalFetchDebugLog = []
    let fetchCount = 0

    async function fetch(input, init) {
        const request = new Request(input, init)
        const { url, method, redirect, headers, signal } = request
        litInternalFetchDebugLog.push({ timestamp: Date.now(), url, fetchCount: ++fetchCount })
        signal.throwIfAborted()
        const body = peek(request)
        const number = host.fetch(
            text(url),
            text(method),
            [...headers].flat().map(text),
            text(redirect),
            body && hex(body),
        )
        const abandon = () => calls.abandon(number, signal.reason)
        signal.addEventListener('abort', abandon)
        try {
            const { body, headers, ...parts } = await calls.reply(number)
            return received(body, headers, { ...parts, type: 'basic' })
        } catch (error) {
            // As the Web has it; a limit stays what it is, with its code.
            throw error?.code === 'FetchFailed'
                ? calls.renamed(error, new TypeError(error.message))
                : error
        } finally {
            signal.removeEventListener('abort', abandon)
        }
    }

    return { globals: { fetch, litInternalFetchDebugLog } }
})
