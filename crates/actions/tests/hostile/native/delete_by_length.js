// Deletes elements by setting the length of a long sparse array, again and again.
// expect: timeout|memory
const sparse = []
for (let count = 0; ; count++) {
    sparse[2 ** 32 - 2] = count
    sparse.length = 1
}
