// Prints letters that become six.
// expect: memory|thrown|timeout
const text = '\u0001'.repeat(1 << 20)
const all = []
while (true) all.push(JSON.stringify(text))
