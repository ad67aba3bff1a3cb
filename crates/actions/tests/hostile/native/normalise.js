// Decomposes a letter that becomes eighteen.
// expect: timeout|memory|thrown
const text = '\ufdfa'.repeat(1 << 18)
while (true) text.normalize('NFKD')
