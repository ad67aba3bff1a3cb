// Parses a million brackets.
// expect: thrown
JSON.parse('['.repeat(1e6))
