// Bytes and text, in the forms in which scripts hand them over and in which the runner takes them.
;(function () {
    const toHex = Uint8Array.prototype.toHex

    /** A view of the bytes of a buffer or view; `undefined` for anything else. */
    function view(value) {
        if (value instanceof ArrayBuffer) return new Uint8Array(value)
        if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        return undefined
    }

    /** Bytes from a buffer, a view or an array of numbers; `undefined` for anything else. */
    function from(value) {
        if (!Array.isArray(value)) return view(value)
        const isByte = (number) => Number.isInteger(number) && number >= 0 && number <= 255
        return value.every(isByte) ? Uint8Array.from(value) : undefined
    }

    return {
        view,
        from,
        /** The runner takes bytes as hex: a copy that no script can change while it is read. */
        hex: (bytes) => toHex.call(bytes),
        /** Text as the runner takes it: lone surrogates, which no UTF-8 can carry, replaced. */
        text: (value) => String(value).toWellFormed(),
    }
})
