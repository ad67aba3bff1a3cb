// Fills a map with keys that the engine may hash alike.
// expect: timeout|memory
const map = new Map()
for (let count = 0; ; count++) map.set(count * 2 ** 32, 0)
