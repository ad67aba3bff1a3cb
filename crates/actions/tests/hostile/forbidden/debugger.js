// Stops for a debugger and asks for the collector.
// expect: ends
debugger
for (const attempt of [() => gc(), () => std.gc(), () => os.now(), () => $262.gc()]) {
    try {
        attempt()
        Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
