// Has the runner encode and decode long texts for ever.
// expect: timeout
const text = '\u20ac'.repeat(1 << 18)
while (true) new TextDecoder().decode(new TextEncoder().encode(text))
