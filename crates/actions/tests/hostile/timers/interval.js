// Keeps an interval for ever.
// expect: timeout
setInterval(() => {}, 1)
