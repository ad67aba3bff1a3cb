// Fills a weak map with keys that stay.
// expect: memory
const map = new WeakMap()
const keys = []
while (true) {
    const key = {}
    keys.push(key)
    map.set(key, new Array(10).fill(key))
}
