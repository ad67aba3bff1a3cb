// Bytes and text, in the forms in which scripts hand them over and in which the runner takes them.
;(function () {
    const toHex = Uint8Array.prototype.toHex

    /** A view of the bytes of a buffer or view; `undefined` for anything else. */
    function view(value) {
        if (value instanceof ArrayBuffer) return new Uint8Array(value)
        if (ArrayBuffer.isView(value))
            return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        return undefined
    }

    /** Elements as bytes, as a `Uint8Array` takes them; `undefined` when one of them is no number. */
    function ofNumbers(elements, length) {
        const numbers = []
        for (let index = 0; index < length; index += 1) {
            const number = Number(elements[index])
            if (Number.isNaN(number)) return undefined
            numbers.push(number)
        }
        return Uint8Array.from(numbers)
    }

    /** Bytes from a buffer, a view or what is like an array of numbers; `undefined` for anything else. */
    function from(value) {
        if (
            value instanceof DataView ||
            value instanceof Uint8Array ||
            value instanceof ArrayBuffer
        )
            return view(value)
        if (ArrayBuffer.isView(value)) return new Uint8Array(value)
        // Text is more likely hex or UTF-8 than a row of digits.
        if (typeof value !== 'object' || value instanceof String) return undefined
        const length = value?.length
        return Number.isInteger(length) ? ofNumbers(value, length) : undefined
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
