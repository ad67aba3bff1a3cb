// Doubles a text without end.
// expect: memory|thrown
let text = 'x'
while (true) text += text + Math.random()
