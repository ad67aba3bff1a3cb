// Reverses a sparse array of the greatest length.
// expect: timeout|memory|thrown
const sparse = Array(2 ** 32 - 1)
sparse[0] = 1
sparse.reverse()
while (true) sparse.reverse()
