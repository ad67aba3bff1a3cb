// Changes an expression while its flags, its species and its exec are read.
// expect: ends|thrown
const regex = /(a)(b)?/gy
Object.defineProperty(regex, 'flags', {
    get() {
        regex.compile('x{5}', 'g')
        return 'gy'
    },
})
regex.constructor = {
    [Symbol.species]: function (pattern) {
        pattern.compile?.('y')
        return new RegExp('z', 'y')
    },
}
for (const attempt of [
    () => 'ab'.replace(regex, '$1$2$<x>'),
    () => [...'ab'.matchAll(regex)],
    () => 'ab'.split(regex),
    () => 'ab'.match(regex),
]) {
    try {
        attempt()
    } catch {}
}
