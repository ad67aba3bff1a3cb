// URL, parsed and changed by the runner, and URLSearchParams.
;(function (host, { text }) {
    let follow

    class URLSearchParams {
        #pairs = []
        #changed = () => {}

        constructor(init = '') {
            if (Object(init) !== init) this.#read(init)
            else if (Symbol.iterator in init) this.#pairs = Array.from(init, pairOf)
            else this.#pairs = Object.entries(init).map(pairOf)
        }

        #read(query) {
            this.#pairs = host.parseForm(text(query).replace(/^\?/, ''))
        }

        #write(pairs) {
            this.#pairs = pairs
            this.#changed(`${this}`)
        }

        get size() {
            return this.#pairs.length
        }

        append(name, value) {
            this.#write([...this.#pairs, [text(name), text(value)]])
        }

        delete(name, value) {
            this.#write(this.#pairs.filter((pair) => !isSame(pair, name, value)))
        }

        get(name) {
            return this.#pairs.find((pair) => isSame(pair, name))?.[1] ?? null
        }

        getAll(name) {
            return this.#pairs.filter((pair) => isSame(pair, name)).map(([, value]) => value)
        }

        has(name, value) {
            return this.#pairs.some((pair) => isSame(pair, name, value))
        }

        set(name, value) {
            const at = this.#pairs.findIndex((pair) => isSame(pair, name))
            if (at < 0) return this.append(name, value)
            const others = this.#pairs.filter((pair, index) => index <= at || !isSame(pair, name))
            this.#write(others.with(at, [text(name), text(value)]))
        }

        sort() {
            this.#write(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))))
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
            for (let index = 0; index < this.#pairs.length; index++) yield [...this.#pairs[index]]
        }

        toString() {
            return host.printForm(this.#pairs.flat())
        }

        get [Symbol.toStringTag]() {
            return 'URLSearchParams'
        }

        static {
            /** Tells of each change; returns how to read another query, of which nothing is told. */
            follow = (parameters, changed) => {
                parameters.#changed = changed
                return (query) => parameters.#read(query)
            }
        }
    }

    function pairOf(pair) {
        const parts = [...pair]
        if (parts.length !== 2) throw new TypeError('each parameter is a pair of name and value')
        return parts.map(text)
    }

    /** Without a value, the name decides. */
    function isSame([name, value], otherName, otherValue) {
        return name === text(otherName) && (otherValue === undefined || value === text(otherValue))
    }

    const parse = (url, base) =>
        host.parseUrl(text(url), base === undefined ? undefined : text(base))
    const PARTS = [
        'protocol',
        'username',
        'password',
        'host',
        'hostname',
        'port',
        'pathname',
        'search',
        'hash',
    ]

    class URL {
        #parts
        #parameters = new URLSearchParams()
        #readParameters = follow(
            this.#parameters,
            (query) => (this.#parts = host.changeUrl(this.href, 'search', query)),
        )

        constructor(url, base) {
            const parts = parse(url, base)
            if (!parts) throw new TypeError(`Invalid URL: ${url}`)
            this.#become(parts)
        }

        #become(parts) {
            this.#parts = parts
            this.#readParameters(parts.search)
        }

        static canParse(url, base) {
            return parse(url, base) !== undefined
        }

        static parse(url, base) {
            return URL.canParse(url, base) ? new URL(url, base) : null
        }

        get href() {
            return this.#parts.href
        }

        set href(url) {
            this.#become(new URL(url).#parts)
        }

        get origin() {
            return this.#parts.origin
        }

        get searchParams() {
            return this.#parameters
        }

        toString() {
            return this.href
        }

        toJSON() {
            return this.href
        }

        get [Symbol.toStringTag]() {
            return 'URL'
        }

        static {
            for (const name of PARTS) {
                Object.defineProperty(this.prototype, name, {
                    get() {
                        return this.#parts[name]
                    },
                    // What the standard does not accept changes nothing.
                    set(value) {
                        this.#become(host.changeUrl(this.href, name, text(value)))
                    },
                    enumerable: true,
                    configurable: true,
                })
            }
        }
    }

    return { globals: { URL, URLSearchParams } }
})
