// Request and Response, each with its whole body.
;(function (
    { view },
    { AbortController, Headers, TextDecoder, TextEncoder, URL, URLSearchParams },
) {
    /** The bytes of a body, and the content type that goes with its form. */
    function bytesOf(body) {
        if (body === undefined || body === null) return {}
        const viewed = view(body)
        if (viewed) return { bytes: viewed.slice() }
        const type =
            body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'text/plain'
        return { bytes: new TextEncoder().encode(body), type: `${type};charset=UTF-8` }
    }

    let peek

    class Body {
        #bytes
        #used = false
        #headers

        constructor(body, headers) {
            const { bytes, type } = bytesOf(body)
            this.#bytes = bytes
            this.#headers = new Headers(headers)
            if (type && !this.#headers.has('content-type')) this.#headers.set('content-type', type)
        }

        get headers() {
            return this.#headers
        }

        get bodyUsed() {
            return this.#used
        }

        #use() {
            const bytes = peek(this)
            this.#used = bytes !== undefined
            return bytes ?? new Uint8Array()
        }

        async bytes() {
            return this.#use()
        }

        async arrayBuffer() {
            return this.#use().buffer
        }

        async text() {
            return new TextDecoder().decode(this.#use())
        }

        async json() {
            return JSON.parse(await this.text())
        }

        static {
            /** The bytes, `undefined` when there is no body; throws when they were read. */
            peek = (message) => {
                if (message.#used) throw new TypeError('the body was read already')
                return message.#bytes
            }
        }
    }

    const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

    function methodOf(method) {
        const upper = `${method}`.toUpperCase()
        if (['CONNECT', 'TRACE', 'TRACK'].includes(upper))
            throw new TypeError(`fetch does not send ${upper}`)
        return METHODS.includes(upper) ? upper : `${method}`
    }

    const REDIRECTS = ['follow', 'error']

    class Request extends Body {
        #parts

        constructor(input, init) {
            const given = Object(init)
            // Older scripts hand over an object with a `url` and the fields of `init`.
            const from =
                Object(input) === input && !(input instanceof URL) && 'url' in input
                    ? input
                    : { url: input }
            const method = methodOf(given.method ?? from.method ?? 'GET')
            const body = given.body ?? (from instanceof Request ? peek(from) : from.body)
            const redirect = given.redirect ?? from.redirect ?? 'follow'
            if (body !== undefined && body !== null && ['GET', 'HEAD'].includes(method)) {
                throw new TypeError(`a ${method} request has no body`)
            }
            if (!REDIRECTS.includes(redirect))
                throw new TypeError(`redirect is ${REDIRECTS.join(' or ')}, not ${redirect}`)
            super(body, given.headers ?? from.headers)
            const signal = given.signal ?? from.signal ?? new AbortController().signal
            this.#parts = { url: new URL(from.url).href, method, redirect, signal }
        }

        get url() {
            return this.#parts.url
        }

        get method() {
            return this.#parts.method
        }

        get redirect() {
            return this.#parts.redirect
        }

        get signal() {
            return this.#parts.signal
        }

        clone() {
            return new Request(this)
        }
    }

    const EMPTY = [101, 103, 204, 205, 304]
    const REDIRECTING = [301, 302, 303, 307, 308]
    const ours = Symbol()

    class Response extends Body {
        #parts

        constructor(body, init, key, parts) {
            const { status = 200, statusText = '', headers } = Object(init)
            if (key !== ours) check(status, body)
            super(body, headers)
            this.#parts = parts ?? {
                status,
                statusText: `${statusText}`,
                url: '',
                redirected: false,
                type: 'default',
            }
        }

        get status() {
            return this.#parts.status
        }

        get statusText() {
            return this.#parts.statusText
        }

        get url() {
            return this.#parts.url
        }

        get redirected() {
            return this.#parts.redirected
        }

        get type() {
            return this.#parts.type
        }

        get ok() {
            return this.status >= 200 && this.status <= 299
        }

        clone() {
            return received(peek(this), this.headers, this.#parts)
        }

        static json(data, init) {
            const body = JSON.stringify(data)
            if (body === undefined) throw new TypeError('this value has no form in JSON')
            const response = new Response(body, init)
            if (!new Headers(init?.headers).has('content-type'))
                response.headers.set('content-type', 'application/json')
            return response
        }

        static error() {
            return received(undefined, undefined, {
                status: 0,
                statusText: '',
                url: '',
                redirected: false,
                type: 'error',
            })
        }

        static redirect(url, status = 302) {
            if (!REDIRECTING.includes(status))
                throw new RangeError(`${status} is no status of a redirect`)
            return new Response(null, { status, headers: { location: new URL(url).href } })
        }
    }

    function check(status, body) {
        const isFinal = Number.isInteger(status) && status >= 200 && status <= 599
        if (!isFinal) throw new RangeError('a status is between 200 and 599')
        if (body !== undefined && body !== null && EMPTY.includes(status)) {
            throw new TypeError(`a response with status ${status} has no body`)
        }
    }

    /** A response that came, whatever its status is. */
    const received = (body, headers, parts) => new Response(body, { headers }, ours, parts)

    return { peek, received, globals: { Request, Response } }
})
