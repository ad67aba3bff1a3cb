// Timers. The runner asks how long the next one is away, and fires it.
;(function (host) {
    const timers = new Map()
    let last = 0

    function add(callback, delay, repeat, values) {
        if (typeof callback !== 'function') throw new TypeError('a timer needs a function')
        const wait = Math.max(Number(delay) || 0, repeat ? 1 : 0)
        timers.set(++last, { callback, values, due: host.now() + wait, every: repeat ? wait : undefined })
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

    const clear = (number) => void timers.delete(number)
    return {
        /** Milliseconds until the next timer, `undefined` when there is none. */
        wait() {
            const number = first()
            return number === undefined ? undefined : Math.max(0, timers.get(number).due - host.now())
        },
        /** Fires the timer that is due first, once it is due. */
        fire() {
            const number = first()
            const timer = timers.get(number)
            if (timer.due > host.now()) return
            if (timer.every === undefined) timers.delete(number)
            else timer.due = host.now() + timer.every
            timer.callback(...timer.values)
        },
        globals: {
            setTimeout: (callback, delay, ...values) => add(callback, delay, false, values),
            setInterval: (callback, delay, ...values) => add(callback, delay, true, values),
            clearTimeout: clear,
            clearInterval: clear,
        },
    }
})
