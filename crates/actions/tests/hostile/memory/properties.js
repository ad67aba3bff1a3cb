// Gives one object properties without end.
// expect: memory
const object = {}
for (let count = 0; ; count++) object[`property${count}`] = count
