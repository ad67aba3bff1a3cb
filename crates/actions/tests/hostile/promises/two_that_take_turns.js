// Two async functions that wake each other.
// expect: timeout
const turn = async () => {
    while (true) await new Promise((resolve) => queueMicrotask(resolve))
}
turn()
turn()
