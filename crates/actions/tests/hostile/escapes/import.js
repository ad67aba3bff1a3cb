// Imports modules of the system, of the machine and of the network.
// expect: ends|thrown
for (const name of [
    'fs',
    'node:fs',
    'std',
    'os',
    'qjs:os',
    'qjs:std',
    '/etc/passwd',
    'file:///etc/passwd',
    'data:text/javascript,1',
    sink,
    './action.js',
    '',
]) {
    try {
        await import(name)
        Lit.Actions.setResponse({ response: `ESCAPED ${name}` })
    } catch {}
}
