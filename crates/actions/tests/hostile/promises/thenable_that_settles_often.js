// Settles a promise ten thousand times in ten thousand ways.
// expect: ends
const then = {
    then(resolve, reject) {
        for (let count = 0; count < 10000; count++) {
            resolve(count)
            reject(count)
        }
        throw 1
    },
}
await then
