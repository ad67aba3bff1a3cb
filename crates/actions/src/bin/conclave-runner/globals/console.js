// console, and values as text.
;(function (host, { text }) {
    /** One value as a reader of logs wants it. Never throws, whatever the value does. */
    function inspect(value) {
        try {
            if (typeof value === 'string') return value
            if (typeof value === 'bigint') return `${value}n`
            if (typeof value === 'function') return `[Function: ${value.name || '(anonymous)'}]`
            if (value instanceof Error)
                return [`${value.name}: ${value.message}`, value.stack].join('\n').trimEnd()
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
        if (value instanceof Error) return `${value.name}: ${value.message}`
        if (ArrayBuffer.isView(value) && !(value instanceof DataView))
            return Array.from(value, String).map(Number)
        return value
    }

    const formats = {
        s: inspect,
        d: Number,
        i: parseInt,
        f: parseFloat,
        j: inspect,
        o: inspect,
        O: inspect,
        c: () => '',
    }

    /** Fills in the places of a format such as `%s`, if the first value is one. */
    function formatted([first, ...rest]) {
        if (typeof first !== 'string' || rest.length === 0) return [first, ...rest]
        const filled = first.replace(/%([sdifjoOc%])/g, (place, kind) => {
            if (kind === '%') return '%'
            return rest.length > 0 ? converted(kind, rest.shift()) : place
        })
        return [filled, ...rest]
    }

    function converted(kind, value) {
        try {
            return inspect(formats[kind](value))
        } catch {
            // No number can be made of some values.
            return 'NaN'
        }
    }

    let indent = ''
    const counts = new Map()
    const starts = new Map()

    function log(...values) {
        const line = values.length > 0 ? formatted(values).map(inspect).join(' ') : ''
        host.log(text(indent === '' ? line : line.replace(/^/gm, indent)) + '\n')
    }

    const console = {
        assert(condition, ...values) {
            if (!condition) log('Assertion failed:', ...values)
        },
        count(label = 'default') {
            counts.set(label, (counts.get(label) ?? 0) + 1)
            log(`${label}: ${counts.get(label)}`)
        },
        countReset: (label = 'default') => void counts.delete(label),
        dir: (value) => log(value),
        group(...values) {
            if (values.length > 0) log(...values)
            indent += '  '
        },
        groupEnd() {
            indent = indent.slice(2)
        },
        table(rows, columns) {
            if (Object(rows) !== rows) return log(rows)
            for (const [name, row] of rows instanceof Map ? rows : Object.entries(rows))
                log(`${name}:`, only(row, columns))
        },
        time: (label = 'default') => void starts.set(label, host.now()),
        timeLog: (label = 'default', ...values) => log(`${label}: ${elapsed(label)}`, ...values),
        timeEnd(label = 'default') {
            log(`${label}: ${elapsed(label)}`)
            starts.delete(label)
        },
    }
    for (const level of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dirxml'])
        console[level] = log
    console.groupCollapsed = console.group

    const elapsed = (label) => `${(host.now() - (starts.get(label) ?? host.now())).toFixed(1)}ms`

    function only(row, columns) {
        if (!Array.isArray(columns) || Object(row) !== row) return row
        return Object.fromEntries(columns.map((column) => [column, row[column]]))
    }

    return { inspect, log, globals: { console } }
})
