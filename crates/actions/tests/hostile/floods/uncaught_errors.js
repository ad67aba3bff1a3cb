// Throws ten thousand times from promises and timers.
// expect: thrown
for (let count = 0; count < 10000; count++) setTimeout(() => Promise.reject(new Error(`${count}`)))
