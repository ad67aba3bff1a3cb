// Prints a small graph that is two to the fortieth as a tree.
// expect: memory|thrown|timeout
let tree = [1]
for (let count = 0; count < 40; count++) tree = [tree, tree]
JSON.stringify(tree)
