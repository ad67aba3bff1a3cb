// Wraps a negative number to the greatest width.
// expect: thrown|memory
BigInt.asUintN(2 ** 53 - 1, -1n)
