// Parses a number of ten million digits.
// expect: ends|timeout|thrown|memory
JSON.parse(`[1${'0'.repeat(1e7)}, 1e${'9'.repeat(1e6)}]`)
