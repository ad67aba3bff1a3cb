// Shifts a number out of all memory.
// expect: thrown|memory
1n << (1n << 40n)
