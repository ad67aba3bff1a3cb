// Encodes letters that become nine.
// expect: timeout|memory|thrown
const text = '\u20ac'.repeat(1 << 20)
while (true) encodeURIComponent(text)
