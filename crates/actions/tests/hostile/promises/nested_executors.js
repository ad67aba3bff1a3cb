// Makes promises within the executors of promises.
// expect: memory|thrown
const all = []
const grow = () => all.push(new Promise(grow))
while (true) grow()
