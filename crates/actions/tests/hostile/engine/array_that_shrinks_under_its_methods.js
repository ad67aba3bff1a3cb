// Shrinks an array from within everything that goes through it.
// expect: ends|thrown
const methods = [
    'map',
    'filter',
    'forEach',
    'every',
    'some',
    'find',
    'findLast',
    'reduce',
    'reduceRight',
    'flatMap',
    'sort',
    'toSorted',
]
for (const method of methods) {
    const array = Array.from({ length: 100 }, (_, index) => ({ index }))
    try {
        array[method](() => {
            array.length = 0
            for (let count = 0; count < 20; count++) array.push(count)
            return 1
        })
    } catch {}
}
