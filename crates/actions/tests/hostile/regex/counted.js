// Counts to a thousand a thousand times.
// expect: thrown|memory|timeout|ends
new RegExp('(?:a{1000}){1000}'.repeat(50), 'u').test('a'.repeat(1 << 20))
while (true) /(?:a{0,1000}){0,1000}b/.test('a'.repeat(1000))
