// Takes one element out of an object that claims the greatest length.
// expect: timeout|thrown
Array.prototype.splice.call({ length: 2 ** 53 - 1 }, 0, 1)
while (true) {}
