// structuredClone.
;(function () {
    const SIMPLE_ERRORS = [
        'EvalError',
        'RangeError',
        'ReferenceError',
        'SyntaxError',
        'TypeError',
        'URIError',
    ]

    function refuse(value) {
        const name =
            typeof value === 'function'
                ? value.name || 'a function'
                : Object.prototype.toString.call(value)
        throw new DOMException(
            `${typeof value === 'symbol' ? String(value) : name} could not be cloned.`,
            'DataCloneError',
        )
    }

    /** `seen` leads from what was cloned to its clone, so that cycles end and what was shared stays shared. */
    function clone(value, seen) {
        if (typeof value === 'symbol' || typeof value === 'function') refuse(value)
        if (Object(value) !== value) return value
        if (!seen.has(value)) {
            const [copy, fill] = begin(value, seen)
            seen.set(value, copy)
            fill?.()
        }
        return seen.get(value)
    }

    /** The clone, and what is still to be done once it is known as such. */
    function begin(value, seen) {
        const own = (copy) => [copy, () => copyProperties(value, copy, seen)]
        if (Array.isArray(value)) return own(new Array(value.length))
        if (value instanceof Boolean) return [Object(Boolean.prototype.valueOf.call(value))]
        if (value instanceof Number) return [Object(Number.prototype.valueOf.call(value))]
        if (value instanceof String) return [Object(String.prototype.valueOf.call(value))]
        if (value instanceof BigInt) return [Object(BigInt.prototype.valueOf.call(value))]
        if (value instanceof Date) return [new Date(value.getTime())]
        if (value instanceof RegExp) return [new RegExp(value.source, value.flags)]
        if (value instanceof ArrayBuffer) return [value.slice()]
        if (ArrayBuffer.isView(value)) return [cloneView(value, seen)]
        if (value instanceof Map) return cloneMap(value, seen)
        if (value instanceof Set) return cloneSet(value, seen)
        if (value instanceof Error) return cloneError(value, seen)
        if (Object.prototype.toString.call(value) !== '[object Object]' || isOfMachine(value))
            refuse(value)
        return own({})
    }

    const isOfMachine = (value) =>
        [WeakMap, WeakSet, WeakRef, Promise].some((type) => value instanceof type)

    function copyProperties(value, copy, seen) {
        for (const name of Object.keys(value)) {
            const given = clone(value[name], seen)
            Object.defineProperty(copy, name, {
                value: given,
                writable: true,
                enumerable: true,
                configurable: true,
            })
        }
    }

    function cloneView(value, seen) {
        const buffer = clone(value.buffer, seen)
        const Type = globalThis[value instanceof DataView ? 'DataView' : value[Symbol.toStringTag]]
        return new Type(buffer, value.byteOffset, value.length ?? value.byteLength)
    }

    function cloneMap(value, seen) {
        const copy = new Map()
        const entries = [...value]
        return [
            copy,
            () => entries.forEach(([key, item]) => copy.set(clone(key, seen), clone(item, seen))),
        ]
    }

    function cloneSet(value, seen) {
        const copy = new Set()
        const items = [...value]
        return [copy, () => items.forEach((item) => copy.add(clone(item, seen)))]
    }

    function cloneError(value, seen) {
        const Type = SIMPLE_ERRORS.includes(value.name) ? globalThis[value.name] : Error
        const copy = new Type(value.message)
        copy.stack = value.stack
        return [copy, () => 'cause' in value && (copy.cause = clone(value.cause, seen))]
    }

    function structuredClone(value, { transfer = [] } = {}) {
        const moved = [...transfer]
        const foreign = moved.find((item) => !(item instanceof ArrayBuffer))
        if (foreign !== undefined) refuse(foreign)
        const copy = clone(value, new Map())
        // What was moved is empty afterwards where it came from.
        for (const buffer of moved) buffer.transfer()
        return copy
    }

    return { globals: { structuredClone } }
})
