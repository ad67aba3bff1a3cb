// Has the compiler of expressions nest a hundred thousand groups.
// expect: thrown|memory
new RegExp('('.repeat(1e5) + ')'.repeat(1e5))
