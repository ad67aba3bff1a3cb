// console, and values as text.
;(function (host, { text }) {
    /** One value as a reader of logs wants it. Never throws, whatever the value does. */
    function inspect(value) {
        try {
            if (typeof value === 'string') return value
            if (typeof value === 'bigint') return `${value}n`
            if (typeof value === 'function') return `[Function: ${value.name || '(anonymous)'}]`
            if (value instanceof Error) return [`${value.name}: ${value.message}`, value.stack].join('\n').trimEnd()
            if (Object(value) !== value) return String(value)
            return JSON.stringify(value, readable) ?? String(value)
        } catch {
            return '[object]'
        }
    }

    /** What JSON has no form for. */
    function readable(_key, value) {
        if (typeof value === 'bigint') return `${value}n`
        if (value instanceof Map) return Object.fromEntries(value)
        if (value instanceof Set) return [...value]
        if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value, String).map(Number)
        return value
    }

    const log = (...values) => host.log(text(values.map(inspect).join(' ')) + '\n')
    const console = {}
    for (const level of ['log', 'info', 'debug', 'warn', 'error', 'trace']) console[level] = log
    console.assert = (condition, ...values) => {
        if (!condition) log('Assertion failed:', ...values)
    }
    return { inspect, globals: { console } }
})
