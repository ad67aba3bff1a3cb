// Reads, writes and lists files.
// expect: ends
for (const attempt of [
    () => require('fs').readFileSync('/etc/passwd'),
    () => std.loadFile('/etc/passwd'),
    () => os.readdir('/'),
    () => Deno.readTextFileSync('/etc/passwd'),
    () => std.open('/tmp/x', 'w'),
]) {
    try {
        attempt()
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
