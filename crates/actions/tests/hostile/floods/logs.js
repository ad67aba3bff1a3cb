// Logs without end.
// expect: limit
while (true) console.log('flood')
