// Starts threads.
// expect: ends
for (const attempt of [
    () => new Worker('data:text/javascript,1'),
    () => new SharedWorker('x'),
    () => new os.Worker('x'),
    () => require('worker_threads'),
    () => Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
]) {
    try {
        attempt()
        if (!String(attempt).includes('waitAsync'))
            Lit.Actions.setResponse({ response: `ESCAPED ${attempt}` })
    } catch {}
}
