// Repeats whatever, whatever often.
// expect: timeout
;/^(.*)*x$/s.test('a'.repeat(40))
