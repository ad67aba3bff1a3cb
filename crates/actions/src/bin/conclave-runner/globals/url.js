// URL, parsed by the runner, and URLSearchParams. A URL's parts are read; only its parameters are written.
;(function (host, { text }) {
    class URLSearchParams {
        #pairs = []
        #changed

        constructor(init = '', changed = () => {}) {
            if (typeof init === 'string') this.#pairs = host.parseForm(text(init).replace(/^\?/, ''))
            else if (Symbol.iterator in Object(init)) this.#pairs = Array.from(init, ([name, value]) => [`${name}`, `${value}`])
            else this.#pairs = Object.entries(init).map(([name, value]) => [name, `${value}`])
            this.#changed = changed
        }

        append(name, value) {
            this.#pairs.push([`${name}`, `${value}`])
            this.#changed(`${this}`)
        }

        delete(name) {
            this.#pairs = this.#pairs.filter(([other]) => other !== name)
            this.#changed(`${this}`)
        }

        get(name) {
            return this.#pairs.find(([other]) => other === name)?.[1] ?? null
        }

        getAll(name) {
            return this.#pairs.filter(([other]) => other === name).map(([, value]) => value)
        }

        has(name) {
            return this.#pairs.some(([other]) => other === name)
        }

        set(name, value) {
            const at = this.#pairs.findIndex(([other]) => other === name)
            if (at < 0) return this.append(name, value)
            this.#pairs = this.#pairs.filter(([other], index) => index <= at || other !== name)
            this.#pairs[at] = [`${name}`, `${value}`]
            this.#changed(`${this}`)
        }

        forEach(callback) {
            for (const [name, value] of this.#pairs) callback(value, name, this)
        }

        keys() {
            return this.#pairs.map(([name]) => name).values()
        }

        values() {
            return this.#pairs.map(([, value]) => value).values()
        }

        entries() {
            return this.#pairs.map((pair) => [...pair]).values()
        }

        [Symbol.iterator]() {
            return this.entries()
        }

        toString() {
            return host.printForm(this.#pairs.flat().map(text))
        }
    }

    class URL {
        #parts
        #parameters

        constructor(url, base) {
            this.#read(url, base)
            this.#parameters = new URLSearchParams(this.#parts.search, (search) => {
                this.#read(`?${search}`, this.href)
            })
        }

        #read(url, base) {
            const parts = host.parseUrl(text(url), base === undefined ? undefined : text(base))
            if (!parts) throw new TypeError(`Invalid URL: ${url}`)
            this.#parts = parts
        }

        static canParse(url, base) {
            return host.parseUrl(text(url), base === undefined ? undefined : text(base)) !== undefined
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

        static {
            const names = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']
            for (const name of names) {
                Object.defineProperty(this.prototype, name, {
                    get() {
                        return this.#parts[name]
                    },
                    enumerable: true,
                    configurable: true,
                })
            }
        }
    }

    return { globals: { URL, URLSearchParams } }
})
