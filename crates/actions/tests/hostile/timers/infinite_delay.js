// Waits for a timer that is never due.
// expect: timeout|ends
setTimeout(() => {}, Infinity)
