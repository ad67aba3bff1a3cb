// Timers. The runner asks how long the next one is away, and fires it.
;(function (host) {
    const timers = new Map()
    /** The numbers of those that a script does not wait for. */
    const idle = new Set()
    let last = 0

    function add(callback, delay, options) {
        // Text would have to be compiled.
        if (typeof callback === 'string')
            throw new EvalError('Code generation from strings disallowed for this context')
        if (typeof callback !== 'function') throw new TypeError('a timer needs a function')
        const { repeats = false, keepsAlive = true, values = [] } = options
        const wait = Math.max(Number(delay) || 0, repeats ? 1 : 0)
        timers.set(++last, {
            callback,
            values,
            due: host.now() + wait,
            every: repeats ? wait : undefined,
        })
        if (!keepsAlive) idle.add(last)
        return last
    }

    /** The number of the timer that is due first; of those due together, the oldest. */
    function first() {
        let found
        for (const [number, { due }] of timers) {
            if (found === undefined || due < timers.get(found).due) found = number
        }
        return found
    }

    /** The engine's own loses what is thrown in it. */
    async function next(callback) {
        await undefined
        callback()
    }

    function clear(number) {
        timers.delete(number)
        idle.delete(number)
    }

    return {
        /** Calls back later, if the script has not ended by then. */
        later: (delay, callback) => add(callback, delay, { keepsAlive: false }),
        /** Milliseconds until the next timer; `undefined` when none is left that the script would wait for. */
        wait(isWaiting) {
            if (timers.size === (isWaiting ? 0 : idle.size)) return undefined
            return Math.max(0, timers.get(first()).due - host.now())
        },
        /** Fires the timer that is due first, once it is due. */
        fire() {
            const number = first()
            const timer = timers.get(number)
            if (timer.due > host.now()) return
            if (timer.every === undefined) clear(number)
            else timer.due = host.now() + timer.every
            timer.callback(...timer.values)
        },
        globals: {
            setTimeout: (callback, delay, ...values) => add(callback, delay, { values }),
            setInterval: (callback, delay, ...values) =>
                add(callback, delay, { values, repeats: true }),
            clearTimeout: clear,
            clearInterval: clear,
            queueMicrotask(callback) {
                if (typeof callback !== 'function')
                    throw new TypeError('queueMicrotask needs a function')
                next(callback)
            },
        },
    }
})
