// Event, EventTarget and AbortController. There is no tree of targets, so an event reaches its own
// target alone.
;(function (timers) {
    let isStopped

    class Event {
        #type
        #cancelable
        #prevented = false
        #stopped = false
        #time = performance.now()

        constructor(type, { cancelable = false } = {}) {
            this.#type = `${type}`
            this.#cancelable = Boolean(cancelable)
            this.target = this.currentTarget = null
        }

        get type() {
            return this.#type
        }

        get cancelable() {
            return this.#cancelable
        }

        get defaultPrevented() {
            return this.#prevented
        }

        get timeStamp() {
            return this.#time
        }

        preventDefault() {
            this.#prevented = this.#cancelable
        }

        stopPropagation() {}

        stopImmediatePropagation() {
            this.#stopped = true
        }

        static {
            isStopped = (event) => event.#stopped
        }
    }

    class EventTarget {
        #listeners = []

        addEventListener(type, callback, options) {
            if (callback === null || callback === undefined) return
            const { once = false, signal } = Object(options)
            const isKnown = this.#listeners.some(
                (other) => other.type === `${type}` && other.callback === callback,
            )
            if (isKnown || signal?.aborted) return
            this.#listeners.push({ type: `${type}`, callback, once })
            signal?.addEventListener('abort', () => this.removeEventListener(type, callback))
        }

        removeEventListener(type, callback) {
            this.#listeners = this.#listeners.filter(
                (other) => other.type !== `${type}` || other.callback !== callback,
            )
        }

        dispatchEvent(event) {
            event.target = event.currentTarget = this
            for (const { type, callback, once } of this.#listeners) {
                if (type !== event.type) continue
                if (once) this.removeEventListener(type, callback)
                try {
                    if (typeof callback === 'function') callback.call(this, event)
                    else callback.handleEvent(event)
                } catch (error) {
                    // Not the dispatcher's fault: it ends the script as an error that nobody
                    // caught.
                    Promise.reject(error)
                }
                if (isStopped(event)) break
            }
            return !event.defaultPrevented
        }
    }

    const ours = Symbol()
    let abort

    class AbortSignal extends EventTarget {
        #reason

        constructor(key) {
            if (key !== ours) throw new TypeError('Illegal constructor')
            super()
            this.onabort = null
        }

        get aborted() {
            return this.#reason !== undefined
        }

        get reason() {
            return this.#reason
        }

        throwIfAborted() {
            if (this.aborted) throw this.#reason
        }

        static abort(reason) {
            const signal = new AbortSignal(ours)
            abort(signal, reason)
            return signal
        }

        static timeout(delay) {
            const signal = new AbortSignal(ours)
            timers.later(delay, () =>
                abort(signal, new DOMException('The signal timed out', 'TimeoutError')),
            )
            return signal
        }

        static any(signals) {
            const signal = new AbortSignal(ours)
            for (const source of signals) {
                if (source.aborted) abort(signal, source.reason)
                else source.addEventListener('abort', () => abort(signal, source.reason))
            }
            return signal
        }

        static {
            abort = (signal, reason = new DOMException('The signal was aborted', 'AbortError')) => {
                if (signal.aborted) return
                signal.#reason = reason
                const event = new Event('abort')
                if (typeof signal.onabort === 'function')
                    signal.addEventListener('abort', signal.onabort)
                signal.dispatchEvent(event)
            }
        }
    }

    class AbortController {
        #signal = new AbortSignal(ours)

        get signal() {
            return this.#signal
        }

        abort(reason) {
            abort(this.#signal, reason)
        }
    }

    return { globals: { Event, EventTarget, AbortSignal, AbortController } }
})
