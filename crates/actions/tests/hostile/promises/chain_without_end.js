// Lengthens a chain of promises from within it.
// expect: timeout|memory|thrown
const again = () => Promise.resolve().then(again)
again()
