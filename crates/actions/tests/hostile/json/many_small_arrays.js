// Parses a text that takes far more room as values.
// expect: memory|thrown
JSON.parse(`[${'[],'.repeat(1 << 20)}[]]`)
