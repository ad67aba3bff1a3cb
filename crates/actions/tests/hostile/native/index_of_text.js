// Searches a long text for one that nearly matches everywhere.
// expect: timeout
const text = 'a'.repeat(1 << 22)
const near = 'a'.repeat(1 << 21) + 'b'
while (true) text.indexOf(near)
