// Joins small texts into many that share parts.
// expect: memory
const all = []
let text = 'x'
while (true) all.push((text += 'x'))
