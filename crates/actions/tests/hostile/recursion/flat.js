// Flattens a hundred thousand arrays within each other.
// expect: thrown|memory|ends
let nested = []
for (let count = 0; count < 1e5; count++) nested = [nested]
nested.flat(Infinity)
