// Has the parser nest a million brackets.
// expect: thrown|memory
eval('('.repeat(1e6))
