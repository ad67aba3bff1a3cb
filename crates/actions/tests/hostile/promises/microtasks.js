// Queues a microtask from each microtask.
// expect: timeout
const again = () => queueMicrotask(again)
again()
