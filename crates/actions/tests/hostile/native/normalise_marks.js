// Puts a million combining marks into order.
// expect: timeout|memory|thrown
const text = 'a' + '\u0315\u0300'.repeat(1 << 18)
while (true) text.normalize('NFC')
