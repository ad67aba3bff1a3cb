// Has the parser nest templates.
// expect: thrown|memory
eval('`${'.repeat(1e5))
