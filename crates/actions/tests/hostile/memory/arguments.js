// Spreads a long array into the arguments of a function that keeps them.
// expect: memory|thrown
const all = []
const long = new Array(60000).fill(1)
const keep = (...values) => all.push(values)
while (true) keep(...long)
