// Pads a text to a length that no text has.
// expect: thrown|memory
'x'.repeat(2 ** 28).padEnd(2 ** 53 - 1, 'yz')
