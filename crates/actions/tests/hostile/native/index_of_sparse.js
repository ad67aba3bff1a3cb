// Searches a sparse array of the greatest length.
// expect: timeout
Array(2 ** 32 - 1).indexOf(1)
