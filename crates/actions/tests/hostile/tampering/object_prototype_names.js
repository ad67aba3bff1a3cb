// Gives every object the names that the runner reads from options.
// expect: ends|thrown
for (const name of [
    'method',
    'headers',
    'body',
    'url',
    'signal',
    'redirect',
    'status',
    'stream',
    'fatal',
    'ignoreBOM',
]) {
    Object.prototype[name] = '127.0.0.1'
}
await fetch(`${server}bytes/1`).catch(() => {})
await fetch({ toString: () => `${server}bytes/1` }).catch(() => {})
new TextDecoder().decode(new Uint8Array(1))
