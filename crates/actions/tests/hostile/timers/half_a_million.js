// Sets half a million timers.
// expect: timeout|memory|thrown
for (let count = 0; count < 500000; count++) setTimeout(() => {}, 3600000)
