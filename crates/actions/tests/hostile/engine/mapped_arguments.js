// Changes arguments and parameters through each other, from getters and closures.
// expect: ends|thrown
function mapped(a, b, c) {
    const all = arguments
    Object.defineProperty(all, 0, { get: () => (b = all), configurable: true })
    delete all[1]
    all.length = 2 ** 31
    all[2] = () => [a, b, c]
    Object.freeze(all)
    return () => [all, a, (c = all)]
}
const kept = []
for (let count = 0; count < 1000; count++) kept.push(mapped(count, {}, [])())
