// Reaches the function that makes functions, and asks it for the system.
// expect: ends
const names = [
    'process',
    'require',
    'Deno',
    'std',
    'os',
    'scriptArgs',
    'load',
    'bjson',
    'Bun',
    'module',
]
const makers = [
    (() => {}).constructor,
    (async () => {}).constructor,
    function* () {}.constructor,
    async function* () {}.constructor,
]
for (const make of makers) {
    for (const name of names) {
        try {
            const found = make(`return typeof ${name} !== 'undefined'`)()
            if (found === true) Lit.Actions.setResponse({ response: 'ESCAPED' })
        } catch {}
    }
}
