// Makes weak references to what is being collected, and keys of weak maps that hold them.
// expect: ends|memory
const weak = []
for (let count = 0; count < 20000; count++) {
    const key = {}
    const map = new WeakMap([[key, key]])
    map.set(map, new WeakRef(map))
    weak.push(new WeakRef(key))
}
let alive = 0
for (const one of weak) alive += one.deref() ? 1 : 0
