// Leaves a rejection alone until its handler comes with a timer.
// expect: thrown
const late = Promise.reject(new Error('late'))
setTimeout(() => late.catch(() => {}), 10)
