// Logs text that commands a terminal and forges lines.
// expect: ends
console.log(
    '\u001b[2J\u001b]8;;http://example.com\u0007link\r2026-01-01 ERROR forged\u0085\u2028\u202e',
)
