// How tokens are written, what is wrong with them, and spans of time.
;(function ({ TextDecoder, TextEncoder }) {
    class JsonWebTokenError extends Error {
        constructor(message, inner) {
            super(message)
            this.name = 'JsonWebTokenError'
            if (inner) this.inner = inner
        }
    }

    class TokenExpiredError extends JsonWebTokenError {
        constructor(message, expiredAt) {
            super(message)
            this.name = 'TokenExpiredError'
            this.expiredAt = expiredAt
        }
    }

    class NotBeforeError extends JsonWebTokenError {
        constructor(message, date) {
            super(message)
            this.name = 'NotBeforeError'
            this.date = date
        }
    }

    const BASE64URL = { alphabet: 'base64url' }
    const encode = (bytes) => bytes.toBase64({ ...BASE64URL, omitPadding: true })
    const decode = (part) => Uint8Array.fromBase64(part, BASE64URL)
    const encodeText = (string) => encode(new TextEncoder().encode(string))
    const decodeText = (part) => new TextDecoder().decode(decode(part))

    /** The parts of a token; `undefined` when it is none. */
    function open(token) {
        const parts = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(token)
        if (!parts) return undefined
        let header
        try {
            header = JSON.parse(decodeText(parts[1]))
        } catch {
            return undefined
        }
        if (!header) return undefined
        const content = decodeText(parts[2])
        return {
            header,
            payload: contentOf(header, content),
            signature: parts[3],
            message: `${parts[1]}.${parts[2]}`,
        }
    }

    /** What calls itself a JWT must be JSON; anything else is JSON if it reads as an object. */
    function contentOf(header, content) {
        if (header.typ === 'JWT') return JSON.parse(content)
        try {
            const value = JSON.parse(content)
            return Object(value) === value ? value : content
        } catch {
            return content
        }
    }

    const UNITS = {
        ms: 1,
        s: 1000,
        m: 60000,
        h: 3600000,
        d: 86400000,
        w: 604800000,
        y: 31557600000,
    }
    const NAMES = {
        ms: /^(milliseconds?|msecs?|ms|)$/i,
        s: /^(seconds?|secs?|s)$/i,
        m: /^(minutes?|mins?|m)$/i,
        h: /^(hours?|hrs?|h)$/i,
        d: /^(days?|d)$/i,
        w: /^(weeks?|w)$/i,
        y: /^(years?|yrs?|y)$/i,
    }

    /** A point in time so much later, in seconds; the span is a number of seconds or a text such as `2 days`. */
    function later(span, from) {
        if (typeof span === 'number') return from + span
        const found =
            typeof span === 'string' &&
            span.length <= 100 &&
            /^(-?\d*\.?\d+) *([a-z]*)$/i.exec(span)
        if (!found) return undefined
        const unit = Object.keys(NAMES).find((unit) => NAMES[unit].test(found[2]))
        return unit && Math.floor(from + (Number(found[1]) * UNITS[unit]) / 1000)
    }

    const SPAN =
        'should be a number of seconds or string representing a timespan eg: "1d", "20h", 60'

    /** Hands over what `run` returns or throws: to the callback, if there is one. */
    function finish(callback, run) {
        if (!callback) return run()
        let result
        try {
            result = run()
        } catch (error) {
            return callback(error)
        }
        return callback(null, result)
    }

    return {
        JsonWebTokenError,
        TokenExpiredError,
        NotBeforeError,
        SPAN,
        encode,
        decode,
        encodeText,
        open,
        later,
        finish,
    }
})
