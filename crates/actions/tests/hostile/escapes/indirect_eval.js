// Evaluates in the global scope, indirectly.
// expect: ends|thrown
const evaluate = globalThis.eval
for (const code of [
    'process.exit()',
    'require("child_process")',
    'std.loadFile("/etc/passwd")',
    'os.exec(["id"])',
]) {
    try {
        evaluate(code)
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
