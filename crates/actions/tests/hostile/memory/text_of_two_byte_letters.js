// Joins texts whose letters take two bytes each.
// expect: memory|thrown
const all = []
while (true) all.push('\u20ac'.repeat(1 << 18) + all.length)
