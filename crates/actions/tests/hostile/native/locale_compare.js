// Compares long texts that differ at their end only.
// expect: timeout
const text = 'a\u0301'.repeat(1 << 19)
while (true) text.localeCompare(text + 'b')
