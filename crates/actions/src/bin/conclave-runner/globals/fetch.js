// fetch, Headers and Response. The node sends the request and answers with the complete response.
;(function (host, { view, hex, text }, calls, { TextDecoder, TextEncoder, URLSearchParams }) {
    class Headers {
        #values = new Map()

        constructor(init = {}) {
            const pairs = Symbol.iterator in Object(init) ? init : Object.entries(init ?? {})
            for (const [name, value] of pairs) this.append(name, value)
        }

        append(name, value) {
            const earlier = this.get(name)
            this.set(name, earlier === null ? value : `${earlier}, ${value}`)
        }

        set(name, value) {
            this.#values.set(`${name}`.toLowerCase(), `${value}`.trim())
        }

        get(name) {
            return this.#values.get(`${name}`.toLowerCase()) ?? null
        }

        has(name) {
            return this.#values.has(`${name}`.toLowerCase())
        }

        delete(name) {
            this.#values.delete(`${name}`.toLowerCase())
        }

        forEach(callback) {
            for (const [name, value] of this) callback(value, name, this)
        }

        keys() {
            return [...this].map(([name]) => name).values()
        }

        values() {
            return [...this].map(([, value]) => value).values()
        }

        entries() {
            return this[Symbol.iterator]()
        }

        [Symbol.iterator]() {
            return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)).values()
        }
    }

    /** The bytes of a body, and the content type that goes with its form. */
    function bodyOf(body) {
        if (body === undefined || body === null) return [undefined]
        const viewed = view(body)
        if (viewed) return [viewed]
        const type = body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'text/plain'
        return [new TextEncoder().encode(body), `${type};charset=UTF-8`]
    }

    class Response {
        #bytes
        #used = false

        constructor(body, { status = 200, statusText = '', headers = {}, url = '', redirected = false } = {}) {
            const [bytes, type] = bodyOf(body)
            this.#bytes = bytes ?? new Uint8Array()
            const given = new Headers(headers)
            if (type && !given.has('content-type')) given.set('content-type', type)
            Object.assign(this, { status, statusText, headers: given, url, redirected, type: 'default' })
        }

        get ok() {
            return this.status >= 200 && this.status <= 299
        }

        get bodyUsed() {
            return this.#used
        }

        #use() {
            if (this.#used) throw new TypeError('the body was read already')
            this.#used = true
            return this.#bytes
        }

        async bytes() {
            return this.#use()
        }

        async arrayBuffer() {
            return this.#use().slice().buffer
        }

        async text() {
            return new TextDecoder().decode(this.#use())
        }

        async json() {
            return JSON.parse(await this.text())
        }

        clone() {
            if (this.#used) throw new TypeError('the body was read already')
            return new Response(this.#bytes, this)
        }
    }

    /** The input may be a URL or whatever prints as one, or an object with a `url` and the fields of `init`. */
    async function fetch(input, init = {}) {
        const request = typeof input === 'object' && input !== null && 'url' in input ? input : { url: input }
        const { method = 'GET', headers = {}, body } = { ...request, ...init }
        if (body !== undefined && body !== null && /^(get|head)$/i.test(method)) {
            throw new TypeError(`a ${method} request has no body`)
        }
        const [bytes, type] = bodyOf(body)
        const given = new Headers(headers)
        if (type && !given.has('content-type')) given.set('content-type', type)
        const sent = host.fetch(text(request.url), text(method), [...given].flat().map(text), bytes && hex(bytes))
        try {
            const { body, ...answer } = await calls.reply(sent)
            return new Response(body, answer)
        } catch (error) {
            throw calls.renamed(error, new TypeError(error.message))
        }
    }

    return { globals: { fetch, Headers, Response } }
})
