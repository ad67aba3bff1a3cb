// Replaces each letter by all that stands before it.
// expect: memory|thrown|timeout
'a'.repeat(1 << 16).replaceAll('a', '$`')
