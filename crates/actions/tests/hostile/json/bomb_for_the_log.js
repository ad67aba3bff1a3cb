// Logs a small graph that is two to the thirtieth as a tree.
// expect: memory|thrown|timeout|ends
let tree = { leaf: 'x'.repeat(100) }
for (let count = 0; count < 30; count++) tree = { left: tree, right: tree }
console.log(tree)
