// Waits for a timer of a day.
// expect: timeout
setTimeout(() => {}, 86400000)
