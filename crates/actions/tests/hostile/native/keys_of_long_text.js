// Lists the keys of a text object of many letters.
// expect: memory|timeout
const all = []
while (true) all.push(Object.keys(new String('x'.repeat(1 << 18))))
