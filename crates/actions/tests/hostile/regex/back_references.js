// Refers back to what may be anything.
// expect: timeout
;/^(a*)(a*)(a*)(a*)(a*)(a*)(a*)(a*)\1\2\3\4\5\6\7\8b$/.test('a'.repeat(300))
