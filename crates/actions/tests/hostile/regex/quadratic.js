// Searches at each place to the end.
// expect: timeout
while (true) 'a'.repeat(1 << 16).replace(/a*?b/g, '')
