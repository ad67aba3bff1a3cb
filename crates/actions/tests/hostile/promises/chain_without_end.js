// Lengthens a chain of promises from within it.
// expect: timeout
const again = () => Promise.resolve().then(again)
again()
