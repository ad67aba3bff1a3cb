// Keeps regular expressions without end.
// expect: memory
const all = []
for (let count = 0; ; count++) all.push(new RegExp(`a{${count % 1000}}b|c${count}`, 'u'))
