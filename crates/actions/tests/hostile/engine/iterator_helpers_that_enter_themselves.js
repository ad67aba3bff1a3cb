// Enters the helpers of iterators from within themselves.
// expect: ends|thrown
for (const method of ['map', 'filter', 'take', 'drop', 'flatMap']) {
    let helper
    const source = {
        __proto__: Iterator.prototype,
        next() {
            try {
                helper.next()
            } catch {}
            try {
                helper.return()
            } catch {}
            return { value: [1], done: false }
        },
        return: () => helper.next(),
    }
    helper = source[method](method === 'take' || method === 'drop' ? 2 : () => [1])
    try {
        helper.next()
        helper.return()
        helper.next()
    } catch {}
}
