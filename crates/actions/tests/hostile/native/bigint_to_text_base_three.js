// Prints a number of many bits in a base that is no power of two.
// expect: timeout
while (true) (2n ** 1000000n - 1n).toString(3)
