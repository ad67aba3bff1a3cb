// Starts a program.
// expect: ends
for (const attempt of [
    () => require('child_process').execSync('id'),
    () => os.exec(['id']),
    () => Deno.run({ cmd: ['id'] }),
    () => std.popen('id', 'r'),
    () => process.binding('spawn_sync'),
]) {
    try {
        attempt()
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
