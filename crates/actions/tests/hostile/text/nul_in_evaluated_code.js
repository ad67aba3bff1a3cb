// Evaluates code with a NUL in it.
// expect: thrown|ends
eval('1 + "\0"\0 + 1')
