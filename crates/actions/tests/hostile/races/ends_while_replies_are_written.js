// Throws while long replies are being written to it.
// expect: thrown
for (let count = 0; count < 2; count++) fetch(`${server}bytes/4000000`).catch(() => {})
for (let count = 0; count < 200; count++) fetch(`${server}bytes/1`).catch(() => {})
setTimeout(() => {
    throw new Error('enough')
}, 5)
