// Keeps small objects without end.
// expect: memory
const all = []
while (true) all.push({})
