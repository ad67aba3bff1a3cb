// Makes capitals of letters that become three.
// expect: timeout|memory|thrown
const text = '\u0390'.repeat(1 << 19)
while (true) text.toUpperCase()
