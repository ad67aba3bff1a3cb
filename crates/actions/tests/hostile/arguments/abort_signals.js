// Aborts before, while and after fetching, by reasons that loop and throw.
// expect: ends|thrown
const Controller =
    globalThis.AbortController ??
    class {
        signal = {}
        abort() {}
    }
const reason = new Proxy(
    {},
    {
        get() {
            throw 1
        },
    },
)
for (let count = 0; count < 5; count++) {
    const controller = new Controller()
    if (count === 0) controller.abort(reason)
    const wait = fetch(`${server}bytes/1`, { signal: controller.signal }).catch(() => {})
    if (count === 1) controller.abort(reason)
    await wait
    controller.abort()
    controller.abort(reason)
}
for (const signal of [
    1,
    {},
    'x',
    { aborted: true },
    {
        addEventListener() {
            throw 1
        },
    },
]) {
    await fetch(`${server}bytes/1`, { signal }).catch(() => {})
}
