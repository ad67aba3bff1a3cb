// No code is made of text, as where the engine is started with
// --disallow-code-generation-from-strings.
;(function () {
    function refuse() {
        throw new EvalError('Code generation from strings disallowed for this context')
    }

    function define(object, name, value, writable = true) {
        Object.defineProperty(object, name, { value, writable, configurable: true })
    }

    // A direct call of `eval` runs text only while the name leads to the engine's own function.
    define(
        globalThis,
        'eval',
        { eval: (text) => (typeof text === 'string' ? refuse() : text) }.eval,
    )

    /** A constructor that stands where the engine's own stood. */
    function replace(prototype, isWritable) {
        const { name } = prototype.constructor
        const constructor = {
            [name]: function (..._text) {
                return refuse()
            },
        }[name]
        define(constructor, 'length', 1, false)
        Object.defineProperty(constructor, 'prototype', { value: prototype, writable: false })
        define(prototype, 'constructor', constructor, isWritable)
        return constructor
    }

    // Nothing leads to the engine's constructors but their prototypes, each other, and the global
    // `Function`.
    const Function = replace(
        Object.getPrototypeOf(function () {}),
        true,
    )
    define(globalThis, 'Function', Function)
    for (const other of [async function () {}, function* () {}, async function* () {}]) {
        Object.setPrototypeOf(replace(Object.getPrototypeOf(other), false), Function)
    }
})
