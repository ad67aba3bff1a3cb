// Joins a sparse array of the greatest length.
// expect: timeout|memory
Array(2 ** 32 - 1).join()
