// Collects a match at each place, each with a copy of the text.
// expect: memory|timeout|thrown
const text = 'a'.repeat(1 << 18)
const all = [...text.matchAll(/(?=(a*))/g)].map((match) => match[1] + '.')
