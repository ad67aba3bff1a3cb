// Parses half a million objects within each other.
// expect: thrown|memory
JSON.parse('{"a":'.repeat(5e5) + '1' + '}'.repeat(5e5))
