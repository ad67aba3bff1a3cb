// The last globals, those of one request: Lit.Auth, Lit.Headers, and each parameter under its own
// name.
;(function (Actions, { readOnly }, auth, headers, params) {
    // A script that brings a token under this name loses nothing: parameters are JSON and hold no
    // functions.
    const REPLACEABLE = ['jwt']

    function freeze(value) {
        if (Object(value) === value) Object.values(Object.freeze(value)).forEach(freeze)
        return value
    }

    // Time begins with the action: how long its worker has been waiting is no script's business.
    const now = performance.now.bind(performance)
    const begun = now()
    const clock = { now: () => now() - begun, timeOrigin: Date.now() }
    Object.defineProperty(globalThis, 'performance', {
        value: clock,
        writable: true,
        configurable: true,
    })

    const Auth = freeze(JSON.parse(auth))
    const Headers = readOnly(headers)
    const Lit = Object.freeze({ Actions, Auth, Headers })
    const jsParams = Object.freeze(JSON.parse(params))
    for (const [name, value] of Object.entries({
        Lit,
        LitActions: Actions,
        LitAuth: Auth,
        LitHeaders: Headers,
        jsParams,
    })) {
        // Configurable, so that a script may declare the same name for itself.
        Object.defineProperty(globalThis, name, { value, configurable: true })
    }

    // The action was permitted for what its code does; whoever calls it must not change what the
    // code's names mean. `in` also finds what is inherited: __proto__, constructor.
    const given = Object.entries(jsParams)
    const taken = given.find(([name]) => name in globalThis && !REPLACEABLE.includes(name))
    if (taken) return taken[0]
    for (const [name, value] of given) {
        Object.defineProperty(globalThis, name, {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
        })
    }
    return undefined
})
