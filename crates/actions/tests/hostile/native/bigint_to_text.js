// Prints numbers of a million bits.
// expect: timeout
while (true) (2n ** 1000000n - 1n).toString()
