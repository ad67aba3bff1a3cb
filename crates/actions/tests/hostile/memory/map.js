// Fills a map without end.
// expect: memory
const map = new Map()
for (let count = 0; ; count++) map.set(count, count)
