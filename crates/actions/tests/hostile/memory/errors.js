// Keeps errors with their stacks.
// expect: memory
const all = []
const deep = (depth) => (depth ? deep(depth - 1) : all.push(new Error('kept')))
while (true) deep(50)
