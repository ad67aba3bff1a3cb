// Logs nothing without end.
// expect: limit
while (true) console.log()
