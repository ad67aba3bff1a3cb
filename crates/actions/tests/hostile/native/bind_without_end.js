// Binds a function to itself until calling it goes deep.
// expect: thrown|ends|timeout|memory
let bound = () => 1
for (let count = 0; count < 50000; count++) bound = bound.bind(null, count)
bound()
