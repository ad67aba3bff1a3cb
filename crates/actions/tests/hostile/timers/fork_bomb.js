// Each timer sets two more.
// expect: timeout|memory|thrown
const fork = () => {
    setTimeout(fork)
    setTimeout(fork)
}
fork()
