// Each promise makes two more.
// expect: timeout|memory|thrown
const fork = () => {
    Promise.resolve().then(fork)
    Promise.resolve().then(fork)
}
fork()
