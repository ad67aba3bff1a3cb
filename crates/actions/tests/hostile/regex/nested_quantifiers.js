// Repeats a repetition.
// expect: timeout
;/(a+)+$/.test('a'.repeat(40) + 'b')
