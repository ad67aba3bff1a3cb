// Headers.
;(function () {
    const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
    let readOnly

    function nameOf(name) {
        if (!NAME.test(name)) throw new TypeError(`invalid header name: ${name}`)
        return `${name}`.toLowerCase()
    }

    function valueOf(value) {
        const trimmed = `${value}`.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
        if (/[\0\n\r]/.test(trimmed)) throw new TypeError('a header value has one line')
        return trimmed
    }

    class Headers {
        /** Name to all of its values. */
        #values = new Map()
        #isReadOnly = false

        constructor(init) {
            if (init === undefined || init === null) return
            if (Object(init) !== init)
                throw new TypeError('headers are an object or a sequence of pairs')
            for (const pair of Symbol.iterator in init ? init : Object.entries(init)) {
                const parts = [...pair]
                if (parts.length !== 2)
                    throw new TypeError('each header is a pair of name and value')
                this.append(...parts)
            }
        }

        #changed(name) {
            if (this.#isReadOnly) throw new TypeError('these headers are read-only')
            return nameOf(name)
        }

        append(name, value) {
            const key = this.#changed(name)
            this.#values.set(key, [...(this.#values.get(key) ?? []), valueOf(value)])
        }

        set(name, value) {
            this.#values.set(this.#changed(name), [valueOf(value)])
        }

        delete(name) {
            this.#values.delete(this.#changed(name))
        }

        get(name) {
            return this.#values.get(nameOf(name))?.join(', ') ?? null
        }

        getSetCookie() {
            return [...(this.#values.get('set-cookie') ?? [])]
        }

        has(name) {
            return this.#values.has(nameOf(name))
        }

        forEach(callback, self) {
            for (const [name, value] of this) callback.call(self, value, name, this)
        }

        *keys() {
            for (const [name] of this) yield name
        }

        *values() {
            for (const [, value] of this) yield value
        }

        entries() {
            return this[Symbol.iterator]()
        }

        *[Symbol.iterator]() {
            for (const name of [...this.#values.keys()].sort()) {
                // Cookies alone may not be joined: their values have commas.
                if (name === 'set-cookie')
                    for (const value of this.getSetCookie()) yield [name, value]
                else yield [name, this.get(name)]
            }
        }

        get [Symbol.toStringTag]() {
            return 'Headers'
        }

        /** In JSON and in logs. */
        toJSON() {
            return Object.fromEntries(this)
        }

        static {
            readOnly = (init) => {
                const headers = new Headers(init)
                headers.#isReadOnly = true
                return headers
            }
        }
    }

    return { readOnly, globals: { Headers } }
})
