// Looks ahead within a look ahead.
// expect: timeout
while (true) /(?=(a+)+$)(?!(a+)+$)b/.test('a'.repeat(30) + 'c')
