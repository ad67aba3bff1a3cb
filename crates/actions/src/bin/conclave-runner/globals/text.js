// TextEncoder and TextDecoder of UTF-8, and random bytes.
;(function (host, { view, hex, text }) {
    class TextEncoder {
        get encoding() {
            return 'utf-8'
        }

        encode(string = '') {
            return host.utf8Encode(text(string))
        }
    }

    class TextDecoder {
        #fatal
        #keepMark

        constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
            if (!/^\s*utf-?8\s*$/i.test(label)) throw new RangeError(`TextDecoder offers utf-8, not ${label}`)
            this.#fatal = Boolean(fatal)
            this.#keepMark = Boolean(ignoreBOM)
        }

        get encoding() {
            return 'utf-8'
        }

        get fatal() {
            return this.#fatal
        }

        get ignoreBOM() {
            return this.#keepMark
        }

        decode(bytes = new Uint8Array(), { stream = false } = {}) {
            if (stream) throw new TypeError('TextDecoder does not decode streams')
            const viewed = view(bytes)
            if (!viewed) throw new TypeError('TextDecoder decodes buffers and views')
            const string = host.utf8Decode(hex(viewed), this.#fatal)
            if (string === undefined) throw new TypeError('these bytes are not utf-8')
            return !this.#keepMark && string.startsWith('\uFEFF') ? string.slice(1) : string
        }
    }

    const RANDOM_BYTES_MAX = 65536
    const crypto = {
        getRandomValues(array) {
            if (!ArrayBuffer.isView(array)) throw new TypeError('getRandomValues fills integer arrays')
            if (array.byteLength > RANDOM_BYTES_MAX) {
                throw new RangeError(`getRandomValues fills at most ${RANDOM_BYTES_MAX} bytes at a time`)
            }
            view(array).set(host.random(array.byteLength))
            return array
        },
    }

    return { globals: { TextEncoder, TextDecoder, crypto } }
})
