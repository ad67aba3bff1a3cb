// Prints a deep array with the widest indent.
// expect: memory|thrown|ends
let nested = []
for (let count = 0; count < 3000; count++) nested = [nested, nested.length]
JSON.stringify(nested, null, '          ')
