// Throws from a timer while others wait.
// expect: thrown
setInterval(() => {}, 1)
setTimeout(() => {
    throw new Error('from a timer')
}, 5)
