// Prepares stack traces by a function that throws, loops and looks around.
// expect: thrown|timeout|ends
Error.prepareStackTrace = (error, sites) => {
    for (const site of sites) {
        for (const name of ['getThis', 'getFunction', 'getEvalOrigin', 'getFileName', 'isNative']) {
            const value = site?.[name]?.()
            if (typeof value === 'function' && !String(value).includes('native')) value.call?.()
        }
    }
    throw error
}
await fetch('nonsense')
