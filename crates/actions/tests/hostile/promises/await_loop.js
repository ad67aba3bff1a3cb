// Awaits nothing, for ever.
// expect: timeout
;(async () => {
    while (true) await null
})()
