// What existing scripts may find elsewhere and not here: whoever uses it is told so, also one that
// catches what is thrown.
;(function () {
    const COMPILERS = ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']
    const COMPILED = ['Global', 'Instance', 'Memory', 'Module', 'Table', 'validate']
    const LOCAL = [
        'Collator',
        'DateTimeFormat',
        'DisplayNames',
        'DurationFormat',
        'ListFormat',
        'Locale',
        'NumberFormat',
        'PluralRules',
        'RelativeTimeFormat',
        'Segmenter',
        'getCanonicalLocales',
        'supportedValuesOf',
    ]

    /** Throws however it is used, by a call or by `new`. */
    const refusing = (name) =>
        function () {
            throw new Error(`${name} is not offered to actions`)
        }

    const rejecting = (name) => async () => refusing(name)()

    /** An object with members of these names, as free to be changed as the standard's own. */
    function having(members) {
        const object = {}
        for (const [name, value] of members) {
            Object.defineProperty(object, name, { value, writable: true, configurable: true })
        }
        return object
    }

    const compilers = COMPILERS.map((name) => [name, rejecting('WebAssembly')])
    const compiled = COMPILED.map((name) => [name, refusing('WebAssembly')])
    return {
        globals: {
            Intl: having(LOCAL.map((name) => [name, refusing('Intl')])),
            WebAssembly: having([...compilers, ...compiled]),
            WebSocket: refusing('WebSocket'),
            Worker: refusing('Worker'),
        },
    }
})
