// Replaces each letter by a thousand, again and again.
// expect: memory|thrown|timeout
let text = 'a'
while (true) text = text.replaceAll('a', 'a'.repeat(1000))
