// Asks whether something is an instance of a function bound ten thousand times.
// expect: thrown|ends|memory
let bound = function () {}
for (let count = 0; count < 10000; count++) bound = bound.bind()
const is = {} instanceof bound
