// Throws an error of ten million letters.
// expect: thrown|memory
throw new Error('\u20ac'.repeat(1e6))
