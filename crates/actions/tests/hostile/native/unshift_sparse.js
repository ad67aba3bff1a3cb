// Puts an element before a sparse array of nearly the greatest length.
// expect: timeout|memory
const sparse = []
sparse[2 ** 32 - 3] = 1
while (true) sparse.unshift(1) && sparse.shift()
