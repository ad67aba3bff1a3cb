// Compiles an expression of twenty thousand named groups.
// expect: thrown|memory|timeout|ends
const source = Array.from({ length: 20000 }, (_, number) => `(?<group${number}>a)?`).join('')
new RegExp(source).exec('a')
