// Chooses between alternatives that match the same.
// expect: timeout
;/^(a|aa|aaa)+$/.test('a'.repeat(60) + 'b')
