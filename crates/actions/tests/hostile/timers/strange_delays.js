// Sets timers with delays that are no times.
// expect: ends|thrown
const delays = [
    NaN,
    -1,
    -Infinity,
    Infinity,
    '1e3x',
    {},
    [],
    null,
    undefined,
    2 ** 53,
    1e308,
    Symbol.iterator,
    1n,
]
for (const delay of delays) {
    try {
        clearTimeout(setTimeout(() => {}, delay))
    } catch {}
}
