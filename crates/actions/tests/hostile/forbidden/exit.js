// Ends its process.
// expect: ends
for (const attempt of [
    () => process.exit(0),
    () => std.exit(0),
    () => Deno.exit(0),
    () => quit(0),
    () => os.kill(0, 9),
    () => process.abort(),
]) {
    try {
        attempt()
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
