// Reads the environment and the arguments.
// expect: ends
for (const attempt of [
    () => process.env.PATH,
    () => std.getenv('PATH'),
    () => Deno.env.toObject(),
    () => scriptArgs[0],
    () => process.argv,
]) {
    try {
        if (attempt() !== undefined) Lit.Actions.setResponse({ response: 'ESCAPED' })
    } catch {}
}
