// TextEncoder and TextDecoder of UTF-8.
;(function (host, { view, hex, text }) {
    class TextEncoder {
        get encoding() {
            return 'utf-8'
        }

        encode(string = '') {
            return host.utf8Encode(text(string))
        }

        encodeInto(source, destination) {
            if (!(destination instanceof Uint8Array))
                throw new TypeError('encodeInto fills a Uint8Array')
            let [read, written] = [0, 0]
            const string = text(source)
            for (const character of string) {
                const length = lengthOf(character.codePointAt(0))
                if (written + length > destination.length) break
                read += character.length
                written += length
            }
            destination.set(host.utf8Encode(string.slice(0, read)))
            return { read, written }
        }
    }

    /** Bytes of a code point. */
    function lengthOf(codePoint) {
        if (codePoint < 0x80) return 1
        if (codePoint < 0x800) return 2
        return codePoint < 0x10000 ? 3 : 4
    }

    /** How many bytes at the end begin a character whose rest may follow. */
    function unfinished(bytes) {
        for (let back = 1; back <= Math.min(3, bytes.length); back++) {
            const byte = bytes.at(-back)
            if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
            if (byte < 0x80) return 0
        }
        return 0
    }

    class TextDecoder {
        #fatal
        #keepsMark
        #held = new Uint8Array()
        #isStarted = false

        constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
            if (!/^\s*(unicode-1-1-)?utf-?8\s*$/i.test(label))
                throw new RangeError(`TextDecoder offers utf-8, not ${label}`)
            this.#fatal = Boolean(fatal)
            this.#keepsMark = Boolean(ignoreBOM)
        }

        get encoding() {
            return 'utf-8'
        }

        get fatal() {
            return this.#fatal
        }

        get ignoreBOM() {
            return this.#keepsMark
        }

        decode(bytes = new Uint8Array(), { stream = false } = {}) {
            const viewed = view(bytes)
            if (!viewed) throw new TypeError('TextDecoder decodes buffers and views')
            const all = this.#held.length === 0 ? viewed : Uint8Array.of(...this.#held, ...viewed)
            const end = all.length - (stream ? unfinished(all) : 0)
            this.#held = all.slice(end)
            const string = host.utf8Decode(hex(all.subarray(0, end)), this.#fatal)
            if (string === undefined) throw new TypeError('these bytes are not utf-8')
            const hasMark = !this.#isStarted && !this.#keepsMark && string.startsWith('\uFEFF')
            this.#isStarted = stream && (this.#isStarted || string !== '')
            return hasMark ? string.slice(1) : string
        }
    }

    return { globals: { TextEncoder, TextDecoder } }
})
