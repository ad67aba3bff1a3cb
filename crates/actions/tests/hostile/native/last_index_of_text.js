// Searches a long text from its end for one that nearly matches everywhere.
// expect: timeout
const text = 'a'.repeat(1 << 22)
const near = 'b' + 'a'.repeat(1 << 21)
while (true) text.lastIndexOf(near)
