// The last globals, those of one request: Lit.Auth, and each parameter under its own name.
;(function (Actions, auth, params) {
    function freeze(value) {
        if (Object(value) === value) Object.values(Object.freeze(value)).forEach(freeze)
        return value
    }

    const Auth = freeze(JSON.parse(auth))
    const Lit = Object.freeze({ Actions, Auth })
    for (const [name, value] of Object.entries({ Lit, LitActions: Actions, LitAuth: Auth })) {
        // Configurable, so that a script may declare the same name for itself.
        Object.defineProperty(globalThis, name, { value, configurable: true })
    }

    // The action was permitted for what its code does; whoever calls it must not change what the code's names mean.
    // `in` also finds what is inherited: __proto__, constructor.
    const given = Object.entries(JSON.parse(params))
    const taken = given.find(([name]) => name in globalThis)
    if (taken) return taken[0]
    for (const [name, value] of given) {
        Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true })
    }
    return undefined
})
